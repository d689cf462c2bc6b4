import { formatPath } from '../../config/problem';
import type { FleetSpec } from '../../config/schema';
import type { MachineProvider } from '../../machines/define';
import type { BrokenRule, Rule, RuleFacts } from '../rules/rule';
import { sentence } from './problem';

type Path = BrokenRule['path'];
type Loose = Readonly<Record<string, unknown>>;

/** No machine has an address there: a construct does not know the network of the machines. */
const noNetwork = '0.0.0.0/32';

/** The cluster that props describe, which rules of a fleet file can judge: what is missing, wrong or a reference breaks none of them. */
export function placed(cluster: unknown, nodes: unknown = (cluster as Loose | undefined)?.nodes): Loose {
  const { name, id, role, podCidr, serviceCidr, hostPorts } = (cluster ?? {}) as Loose;
  const list = Array.isArray(nodes) ? nodes.filter((node) => node !== null && typeof node === 'object') : [];
  return {
    name: text(name, 'hub'),
    id: typeof id === 'number' ? id : 1,
    role,
    ...(typeof podCidr === 'string' ? { podCidr } : {}),
    ...(typeof serviceCidr === 'string' ? { serviceCidr } : {}),
    hostPorts: Array.isArray(hostPorts) ? hostPorts : [],
    components: { add: [], remove: [], values: {}, secrets: {} },
    nodes: list.map((node: Loose, index) => ({
      name: text(node.name, `node-${index}`),
      role: node.role,
      cpus: number(node.cpus),
      memoryMiB: number(node.memoryMiB),
      diskGiB: number(node.diskGiB),
      ...(typeof node.address === 'string' ? { address: node.address } : {}),
    })),
  };
}

const text = (value: unknown, instead: string): string => (typeof value === 'string' ? value : instead);
const number = (value: unknown): number => (typeof value === 'number' ? value : Number.POSITIVE_INFINITY);

/**
 * Which rules of a fleet file one cluster breaks, a sentence each.
 * @param at where the props have what the fleet file has at this path of the cluster; `null` for what they do not have
 */
export function ruleFaults(
  rules: readonly Rule[],
  cluster: Loose,
  at: (path: Path) => Path | null,
  more: { readonly provider?: MachineProvider; readonly network?: string; readonly domain?: unknown } = {},
): readonly string[] {
  const spec = { clusters: [cluster], registry: {}, domain: text(more.domain, 'flotilla.internal') } as unknown as FleetSpec;
  const { provider = null } = more;
  const network = more.network ?? (provider === null ? noNetwork : null);
  const facts: RuleFacts = { spec, fleetName: 'props', network, providers: [], provider, catalog: [], source: 'official' };
  return rules
    .flatMap((rule) => rule.check(facts))
    .flatMap((broken) => {
      const path = broken.path[0] === 'clusters' ? at(broken.path.slice(2)) : broken.path;
      // A rule that compares two places names the other one as the fleet file has it.
      const rule = broken.rule.replaceAll('clusters[0].', () => formatPath(at([''])!));
      return path === null ? [] : [sentence({ ...broken, path, rule })];
    });
}
