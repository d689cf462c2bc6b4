import type { RenderedDocument } from '../artifacts/charts/helm';
import { type Claim, collisions, nodePortsIn, objectName } from '../model/claims';
import { at } from '../model/contracts/objects';
import { claimed } from '../model/contracts/one-claimant';
import type { ResolvedComponent } from '../model/resolved-fleet';
import { runningContainers } from './containers';

type Owner = Pick<ResolvedComponent, 'id' | 'namespace' | 'resources' | 'secrets'>;

/** Objects of a cluster that are made before all releases, by us: Helm takes none of them over. */
export function beforehand(components: readonly Owner[]): readonly Claim[] {
  const made = components.flatMap(({ namespace, secrets }) => [
    ...(namespace.podSecurity === null ? [] : [`Namespace ${namespace.name}`]),
    ...secrets.filter(({ helmOwned }) => !helmOwned).map(({ name }) => `Secret ${namespace.name}/${name}`),
  ]);
  return [...new Set(made)].map((what) => ({ what, by: 'what Flotilla makes before' }));
}

/** What a release would hold in its cluster: its objects, and the ports of the nodes. @param parsed its objects @param wide kinds that are in no namespace */
export function renderedClaims(
  component: Owner,
  rendered: readonly RenderedDocument[],
  parsed: readonly Readonly<Record<string, unknown>>[],
  wide: ReadonlySet<string>,
): readonly (Claim & { readonly yields?: true })[] {
  const by = component.id;
  const objects = parsed.filter((object) => at(object, 'metadata', 'annotations', 'helm.sh/hook') === undefined);
  const ports = objects.flatMap((object) => (object.kind === 'Service' ? nodePortsIn(object) : hostPortsOf(object)));
  const names = objects.flatMap((object) => objectName(object, component.namespace.name, wide) ?? []);
  const own = claimed({ ...component, values: {} });
  return [
    ...[...ports, ...names, ...own].map((what) => ({ what, by })),
    ...rendered.flatMap((document) => {
      const name = definitionName(document);
      return name === null
        ? []
        : [{ what: `CustomResourceDefinition ${name}`, by, ...(yields(document) ? ({ yields: true } as const) : {}) }];
    }),
  ];
}

/** What several ask for. The claims come in the order in which they are installed: one that yields takes what is there as it is. */
export function clashes(claims: readonly (Claim & { readonly yields?: true })[]) {
  const taken = new Set<string>();
  const firm = claims.filter(({ what, yields: gives }) => {
    const isTaken = taken.has(what);
    taken.add(what);
    return !(gives && isTaken);
  });
  return collisions(firm);
}

export function definitionName({ text }: RenderedDocument): string | null {
  if (!/^kind: *["']?CustomResourceDefinition["']?\s*$/m.test(text)) return null;
  return /^ {2}name: *["']?([\w.-]+)/m.exec(text)?.[1] ?? null;
}

/** Of a chart's `crds/`, Helm leaves alone what is there; what is among its templates it wants to have made. */
const yields = ({ source }: RenderedDocument): boolean => /^[^/]+(\/charts\/[^/]+)*\/crds\//.test(source);

/** Ports that the pods of a DaemonSet take on each node; those for Windows never meet ours. */
function hostPortsOf(object: Readonly<Record<string, unknown>>): readonly string[] {
  const pod = at(object, 'spec', 'template', 'spec');
  if (object.kind !== 'DaemonSet' || at(pod, 'nodeSelector', 'kubernetes.io/os') === 'windows') return [];
  const key = at(pod, 'hostNetwork') === true ? 'containerPort' : 'hostPort';
  return runningContainers(pod)
    .flatMap((container) => list(at(container, 'ports')))
    .flatMap((port) => (at(port, key) === undefined ? [] : [`port ${at(port, key)}/${at(port, 'protocol') ?? 'TCP'} of the host`]));
}

const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
