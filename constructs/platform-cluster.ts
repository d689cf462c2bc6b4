import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Annotations } from 'cdktf';
import type { Construct } from 'constructs';
import type { Component, ContextCluster } from '../components/define';
import { packageRoot } from '../config/package-root';
import { servingOf } from '../model/fleet-services';
import { fillers } from '../model/install-order';
import { mergeValues } from '../model/merge-values';
import type { PlatformRequest } from '../model/platform-request';
import { platformContractProblems, platformRuleProblems } from '../model/platform-rules';
import { refuse } from '../model/props/problem';
import { resolvePlatform } from '../model/resolve-platform';
import { asStrings } from './json-template';
import { type Contribution, closureOf, type PlatformSource } from './platform-source';

/** A cluster that is described by typed objects: one of Flotilla's machines, or one that exists already. */
export interface ClusterPlatformProps {
  /** Six hexadecimal digits: a label of the namespaces and Secrets that are made. */
  readonly uid: string;
  readonly cluster: ContextCluster;
  /** Path below the deployment's folder. */
  readonly kubeconfig: string;
  /** The other clusters of the fleet. @default - none */
  readonly others?: readonly ContextCluster[];
  /** DNS domain of the fleet. */
  readonly domain: string;
  /** Such as 1.35.4. */
  readonly kubernetesVersion: string;
  /** Helm values by component id, merged over those of the components and constructs. @default - none */
  readonly values?: PlatformRequest['values'];
  /** Names of user-supplied secrets by component id; the value of each is in `secrets/brought/<name>` of the deployment. @default - none */
  readonly userSecrets?: PlatformRequest['userSecrets'];
  /** Whether namespaces deny all traffic that no component declares. @default - true for hubs and agents, false for standalone clusters */
  readonly defaultDeny?: boolean;
}

/** The components that constructs add to a cluster, resolved like those of a fleet file. */
export function clusterSource(scope: Construct, props: ClusterPlatformProps): PlatformSource {
  const { uid, cluster, kubeconfig, others = [], domain } = props;
  return {
    uid,
    cluster,
    clusters: [cluster, ...others],
    domain,
    kubeconfig,
    installs: () => false,
    mayInstall: () => true,
    check: (contributions) => {
      closureOf(componentsOf(contributions));
      conflictingValues(contributions);
    },
    resolve: (contributions) => {
      const request = requestOf(props, contributions);
      const asked = componentsOf(contributions).map(({ id }) => id);
      warnOfMissingServices(scope, request);
      refuse(scope.node.path, platformRuleProblems(request, asked));
      const platform = resolvePlatform(request);
      const violations = platformContractProblems(request, platform, kubeconfig);
      refuse(scope.node.path, violations);
      return platform.components;
    },
  };
}

const componentsOf = (contributions: readonly Contribution[]): readonly Component[] =>
  contributions.flatMap(({ components }) => components);

function requestOf(props: ClusterPlatformProps, contributions: readonly Contribution[]): PlatformRequest {
  const { cluster, others = [], domain, kubernetesVersion, values = {}, userSecrets = {}, defaultDeny } = props;
  const components = closureOf(componentsOf(contributions));
  const hub = cluster.role === 'agent' ? hubComponents(components, contributions) : [];
  return {
    cluster,
    clusters: [cluster, ...others],
    domain,
    kubernetesVersion,
    components,
    reachable: [...new Map([...hub, ...components].map((component) => [component.id, component])).values()],
    // Lists and numbers that are cdktf tokens become strings, which survive the merge.
    values: mergeAll([...contributions.map((contribution) => contribution.values ?? {}), values].map(asStrings)),
    userSecrets: joinLists([...contributions.map((contribution) => contribution.userSecrets ?? {}), userSecrets]),
    stepInputs: mergeAll(contributions.map(({ stepInputs }) => stepInputs ?? {})),
    serving: servingOf(cluster.role === 'agent' ? hub : components),
    road: { by: 'mesh' },
    ...(defaultDeny === undefined ? {} : { defaultDeny }),
    readFile,
  };
}

/** Components of the hub that an agent uses, in a stable order: those that constructs name, then those that components use. */
export function hubComponents(components: readonly Component[], contributions: readonly Contribution[]): readonly Component[] {
  const named = contributions.flatMap((contribution) => contribution.hubComponents ?? []);
  const used = components.flatMap(({ reaches = [] }) => reaches.filter((target) => typeof target !== 'string'));
  const here = new Set(components.map(({ id }) => id));
  return [...new Map([...named, ...used].map((component) => [component.id, component])).values()].filter(({ id }) => !here.has(id));
}

/** An unresolvable hub service is not an error: agents must start without the hub. */
function warnOfMissingServices(scope: Construct, { cluster, components, reachable }: PlatformRequest): void {
  if (cluster.role !== 'agent') return;
  for (const { id, reaches = [] } of components)
    for (const target of reaches)
      if (fillers(target, reachable).length === 0)
        Annotations.of(scope).addWarning(`${id} uses "${target}" of the hub, which no component of \`hubComponents\` provides`);
}

/** @throws Error when two constructs set the same value of a component differently */
function conflictingValues(contributions: readonly Contribution[]): void {
  for (const key of ['values', 'stepInputs'] as const) {
    const all = contributions.filter((contribution) => contribution[key] !== undefined);
    for (const id of new Set(all.flatMap((contribution) => Object.keys(contribution[key]!)))) {
      const setting = all.filter((contribution) => contribution[key]![id] !== undefined);
      const each = setting.map((contribution) => contribution[key]![id]!);
      if (JSON.stringify(sorted(mergeValues(...each))) === JSON.stringify(sorted(mergeValues(...[...each].reverse())))) continue;
      const scopes = setting.map((contribution) => contribution.scope.node.path).join(' and ');
      throw new Error(`${scopes} set values of "${id}" differently, and the platform installs it once: set the same values`);
    }
  }
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([left], [right]) => (left < right ? -1 : 1))
      .map(([key, inner]) => [key, sorted(inner)]),
  );
}

function mergeAll<T extends Readonly<Record<string, Readonly<Record<string, unknown>>>>>(all: readonly T[]): T {
  return mergeValues(...all) as T;
}

function joinLists(all: readonly Readonly<Record<string, readonly string[]>>[]): Readonly<Record<string, readonly string[]>> {
  const joined = new Map<string, readonly string[]>();
  for (const one of all) for (const [id, names] of Object.entries(one)) joined.set(id, [...new Set([...(joined.get(id) ?? []), ...names])]);
  return Object.fromEntries(joined);
}

function readFile(path: string): string | null {
  const file = join(packageRoot(), path);
  return existsSync(file) ? readFileSync(file, 'utf8') : null;
}
