import type { Condition } from '../../components/define';
import type { FleetProblem } from '../../config/problem';
import { reachable } from '../graph';
import type { ResolvedCluster, ResolvedComponent, ResolvedFleet } from '../resolved-fleet';
import { broughtSecrets, mountsOf } from './externally-managed-secrets';

type Broken = Pick<FleetProblem, 'rule' | 'remedy'>;

/**
 * Contract C1: an agent comes up, and comes up again, without its hub. So no release there may wait for anything of the hub: not by a gate, a step, an init
 * container or a probe, not for a Secret that External Secrets brings from there, and not by the order of the stacks.
 */
export function agentAutonomy({ clusters, stacks }: Pick<ResolvedFleet, 'clusters' | 'stacks'>): readonly FleetProblem[] {
  return clusters.flatMap((cluster, index) => {
    if (cluster.role !== 'agent') return [];
    const fromHub: FromHub = { kinds: hubKinds(cluster), secrets: broughtSecrets(cluster) };
    const broken = [
      ...cluster.components.flatMap((component) => waits(component, cluster, fromHub)),
      ...stackWaits(cluster, clusters, stacks),
    ];
    return broken.map((problem) => ({ id: 'agent-autonomy', path: ['clusters', index, 'components'], value: undefined, ...problem }));
  });
}

/** What the hub brings to an agent. */
interface FromHub {
  readonly kinds: ReadonlySet<string>;
  readonly secrets: ReadonlySet<string>;
}

function waits(component: ResolvedComponent, cluster: ResolvedCluster, fromHub: FromHub): readonly Broken[] {
  const { id, ready, reaches, steps } = component;
  const uses = reaches.join(', ');
  const gates = ready.filter(
    (condition) => condition.kind === 'condition' && (reaches.length > 0 ? !isLocal(condition) : fromHub.kinds.has(kindOf(condition))),
  );
  return [
    ...gates.map((condition) => ({
      rule: `${id} of agent "${cluster.name}" is not ready before ${resourceOf(condition)}, which nobody but the hub can make so`,
      remedy: 'wait for what runs here, such as a rollout, or say `roles: [hub]` at that condition',
    })),
    ...(reaches.length > 0 ? steps : []).map((step) => ({
      rule: `step ${step.id} of ${id} runs on agent "${cluster.name}", and ${id} uses ${uses} of the hub`,
      remedy: 'move it into the stack `access`, which waits for the hub and which nothing of an agent waits for',
    })),
    ...starts(component).map((text) => ({
      rule: `${id} of agent "${cluster.name}" does not start before ${text} of the hub answers`,
      remedy: 'let its program try again by itself, and take the init container or probe out',
    })),
    ...mountsOf(component, fromHub.secrets).map((secret) => ({
      rule: `${id} of agent "${cluster.name}" mounts the Secret ${secret}, which an ExternalSecret brings from the hub`,
      remedy: 'lay it down first (`secrets` of the component, which External Secrets may take over), or make it optional',
    })),
  ];
}

/** Kinds that come with components that use the hub: an object of one is ready when the hub says so. */
const hubKinds = ({ components }: ResolvedCluster): ReadonlySet<string> =>
  new Set(components.filter(({ reaches }) => reaches.length > 0).flatMap(({ crds }) => crds.flatMap((crd) => namesOf(crd.split('.')[0]!))));

const namesOf = (plural: string): string[] => [plural, plural.replace(/s$/, ''), plural.replace(/ies$/, 'y')];

const resourceOf = (condition: Condition): string => (condition.kind === 'nodes-ready' ? 'nodes' : condition.resource);
const kindOf = (condition: Condition): string => resourceOf(condition).split('/')[0]!.split('.')[0]!.toLowerCase();

const localKinds = [
  'crd',
  'customresourcedefinition',
  'apiservice',
  'deployment',
  'statefulset',
  'daemonset',
  'pod',
  'job',
  'service',
  'pvc',
];
const isLocal = (condition: Condition): boolean => localKinds.some((kind) => namesOf(kindOf(condition)).includes(kind));

/** Services of the hub that an init container or a probe calls. */
function starts({ values, resources }: ResolvedComponent): readonly string[] {
  const found = new Set<string>();
  const walk = (value: unknown, starting: boolean): void => {
    if (typeof value === 'string' && starting) for (const [name] of value.matchAll(/\b[a-z0-9-]+-fleet\b/g)) found.add(name);
    if (value === null || typeof value !== 'object') return;
    for (const [key, inner] of Object.entries(value))
      walk(inner, starting || /initContainers$|(liveness|readiness|startup)Probe$/i.test(key));
  };
  walk([values, resources], false);
  return [...found];
}

/** A stack of an agent that comes after one of the hub, in whatever way. */
function stackWaits(agent: ResolvedCluster, clusters: readonly ResolvedCluster[], stacks: ResolvedFleet['stacks']): readonly Broken[] {
  const hubs = new Set(clusters.filter(({ role }) => role === 'hub').map(({ name }) => name));
  const needs = new Map(stacks.map((stack) => [stack.name, stack.needs]));
  return stacks
    .filter(({ cluster }) => cluster === agent.name)
    .flatMap(({ name }) => [...reachable(needs, name)].map((needed) => ({ name, needed })))
    .filter(({ needed }) => stacks.some((stack) => stack.name === needed && stack.cluster !== null && hubs.has(stack.cluster)))
    .map(({ name, needed }) => ({
      rule: `stack ${name} of agent "${agent.name}" waits for stack ${needed} of the hub`,
      remedy: 'put what needs both into the stack `access`',
    }));
}
