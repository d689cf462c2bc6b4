import { pluralOf } from '../../artifacts/charts/stubs';
import { containersOf, type Inventory, type Owner, type Release, type Thing } from './inventory';
import { madeDefinitions } from './made-by-operators';
import { type Asked, askedBy, type LabelTerm } from './required';
import type { Broken } from './violations';

const shortNames: Readonly<Record<string, string>> = {
  deploy: 'deployment',
  sts: 'statefulset',
  ds: 'daemonset',
  svc: 'service',
  cm: 'configmap',
  po: 'pod',
  pvc: 'persistentvolumeclaim',
  hpa: 'horizontalpodautoscaler',
  pdb: 'poddisruptionbudget',
  sc: 'storageclass',
  crd: 'customresourcedefinition',
};

/** Kubernetes makes these itself. */
const brought = new Set(['node', 'nodes', 'namespace', 'namespaces']);

/** Gates and checks that name what is not there, or not yet when the gate waits for it. */
export function brokenNames(inventory: Inventory): readonly Broken[] {
  return inventory.releases.flatMap(({ component, isUnknown }) =>
    isUnknown
      ? []
      : askedBy(component).flatMap((one): Broken[] => {
          if (brought.has(one.kind)) return [];
          const said = {
            release: component.id,
            value: `${one.in}: ${one.text}`,
            remedy: `mend \`${one.in}\` of components/${component.id}.ts`,
          };
          const found = lookUp(one, inventory);
          if (found.length === 0) {
            if (mayBeElsewhere(one, inventory)) return [{ ...said, isUnknown: true, rule: 'may be of a chart that is not here' }];
            return [{ ...said, rule: `no release makes it${nearest(one, inventory)}` }];
          }
          if (one.in === 'checks' || found.some(({ by }) => isBefore(by, component, inventory))) return [];
          return [{ ...said, rule: `it is made by ${found[0]!.by}, which need not be there yet when the gate waits` }];
        }),
  );
}

/** Definitions that a component says it brings, and does not. */
export const missingDefinitions = (inventory: Inventory): readonly Broken[] =>
  inventory.releases.flatMap(({ component, isUnknown }) =>
    isUnknown || component.chart === null
      ? []
      : component.crds
          .filter((name) => !isDefined(name, inventory))
          .map((name) => ({
            release: component.id,
            value: `crds: ${name}`,
            rule: 'its chart brings no such definition',
            remedy: `mend \`crds\` of components/${component.id}.ts, or tell in promises/made-by-operators.ts which program makes it`,
          })),
  );

const isDefined = (name: string, { things, pods }: Inventory): boolean =>
  things.some((thing) => thing.kind === 'CustomResourceDefinition' && thing.name === name) ||
  madeDefinitions.some(({ pods: [key, value], group }) => name.endsWith(`.${group}`) && pods.some(({ labels }) => labels[key] === value));

/** Things that an asked one can be. */
function lookUp(one: Asked, inventory: Inventory): readonly Pick<Thing, 'by'>[] {
  const kind = shortNames[one.kind] ?? one.kind;
  if (kind === 'pod' && one.labels.length > 0)
    return inventory.pods.filter(({ namespace, labels }) => namespace === one.namespace && one.labels.every((term) => fits(term, labels)));
  if (kind === 'customresourcedefinition' && one.name !== null && isDefined(one.name, inventory))
    return inventory.releases.filter(({ component }) => component.crds.includes(one.name!)).map(({ component }) => ({ by: component.id }));
  const found = inventory.things.filter((thing) => isOfKind(thing, kind, one.group) && isAt(thing, one.namespace));
  const named = found.filter(({ name }) => one.name === null || name === one.name);
  return one.container === null ? named : named.filter((thing) => containersOf(thing).includes(one.container!));
}

const fits = ({ key, values }: LabelTerm, labels: Readonly<Record<string, unknown>>): boolean => values.includes(String(labels[key]));

const isAt = ({ namespace }: Thing, asked: string): boolean => namespace === '' || namespace === asked;

const isOfKind = (thing: Thing, kind: string, group: string | null): boolean =>
  [thing.kind.toLowerCase(), pluralOf(thing.kind)].includes(kind) && (group === null || thing.group === group);

/** Whether a release is there when another one's gate waits. */
function isBefore(id: string, component: Owner, { releases }: Inventory): boolean {
  if (id === component.id) return true;
  const before = releases.filter(({ component: other }) => component.dependsOn.includes(other.id));
  return before.some(({ component: other }) => isBefore(id, other, { releases } as Inventory));
}

/** Whether a release could make it of which nothing is known. */
function mayBeElsewhere({ kind, name, namespace }: Asked, { releases }: Inventory): boolean {
  const unknown = releases.filter(({ isUnknown }) => isUnknown).map(({ component }: Release) => component);
  if (/^(crd|customresourcedefinition)/.test(kind)) return unknown.some(({ crds }) => crds.includes(name ?? ''));
  return unknown.some(({ namespace: own }) => own.name === namespace || namespace === 'default');
}

/** What there is of that kind in the place where it was looked for. */
function nearest({ kind, group, namespace, container }: Asked, { things }: Inventory): string {
  const there = things
    .filter((thing) => isOfKind(thing, shortNames[kind] ?? kind, group) && isAt(thing, namespace))
    .map(({ name }) => name);
  const what = container === null ? '' : ` with a container ${container}`;
  const some = [...new Set(there)].slice(0, 6).join(', ');
  return `${what}; of its kind there ${some === '' ? 'is nothing' : `are ${some}`}${namespace === 'default' ? '' : ` in ${namespace}`}`;
}
