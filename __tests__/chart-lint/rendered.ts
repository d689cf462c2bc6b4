import { type Inventory, inventoryOf, type Loose, type Release } from '../../chart-lint/contracts';

/** A component as far as checks of rendered releases look at it. */
export const component = (id: string, more: Partial<Release['component']> = {}): Release['component'] => ({
  id,
  namespace: { name: 'shop', podSecurity: 'baseline' },
  chart: { repository: '', name: id, version: '1.0.0' },
  dependsOn: [],
  ready: [],
  checks: [],
  serves: [],
  secrets: [],
  crds: [],
  values: {},
  ...more,
});

/** What one cluster holds when a single release, `shop`, rendered these objects. */
export const inventory = (...objects: readonly Loose[]): Inventory =>
  inventoryOf([{ component: component('shop'), objects, definitions: [], isUnknown: false }], new Set());

/** The same, of a fleet whose only cluster is `hub`. */
export const fleet = (...objects: readonly Loose[]): ReadonlyMap<string, Inventory> => new Map([['hub', inventory(...objects)]]);

export const workload = (kind: string, name: string, pod: Loose, spec: Loose = {}): Loose => ({
  apiVersion: 'apps/v1',
  kind,
  metadata: { name },
  spec: { ...spec, template: { metadata: { labels: { app: name } }, spec: pod } },
});

export const configMap = (data: Readonly<Record<string, string>>): Loose => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'settings' },
  data,
});
