import { at } from '../model/contracts/objects';
import { containersIn, isSidecar, runningContainers } from './containers';
import type { Loose } from './contracts/object';
import { quantity } from './quantity';

/** Millicores, and MiB of memory. */
export interface Ask {
  readonly cpu: number;
  readonly memory: number;
}

export const noAsk: Ask = { cpu: 0, memory: 0 };
export const sum = (...asks: readonly Ask[]): Ask =>
  asks.reduce((all, { cpu, memory }) => ({ cpu: all.cpu + cpu, memory: all.memory + memory }), noAsk);
export const times = ({ cpu, memory }: Ask, count: number): Ask => ({ cpu: cpu * count, memory: memory * count });
const most = (one: Ask, other: Ask): Ask => ({ cpu: Math.max(one.cpu, other.cpu), memory: Math.max(one.memory, other.memory) });

/** What a LimitRange gives to containers that say nothing. */
export interface ContainerDefaults {
  readonly default?: Readonly<Record<string, string>>;
  readonly defaultRequest?: Readonly<Record<string, string>>;
}

const resources = ['cpu', 'memory'] as const;
const unit = { cpu: 1e3, memory: 2 ** -20 } as const;

function askOf(container: Loose, defaults: ContainerDefaults): Ask {
  const limits = at(container, 'resources', 'limits');
  const amount = (kind: (typeof resources)[number]): number =>
    // Kubernetes copies a limit into a request that is not set, before a LimitRange is looked at.
    quantity(
      at(container, 'resources', 'requests', kind) ?? at(limits, kind) ?? defaults.defaultRequest?.[kind] ?? defaults.default?.[kind],
    ) * unit[kind];
  return { cpu: amount('cpu'), memory: amount('memory') };
}

/**
 * What a pod asks of its node: the most that runs at one time. Beside an init container run the sidecars that were started before it.
 * @see https://kubernetes.io/docs/concepts/workloads/pods/sidecar-containers/#resource-sharing-within-containers
 */
export function podAsk(spec: Loose, defaults: ContainerDefaults = {}): Ask {
  let sidecars = noAsk;
  let starting = noAsk;
  for (const container of containersIn(spec, 'initContainers')) {
    const ask = askOf(container, defaults);
    if (isSidecar(container)) sidecars = sum(sidecars, ask);
    starting = most(starting, isSidecar(container) ? sidecars : sum(sidecars, ask));
  }
  const running = sum(sidecars, ...containersIn(spec, 'containers').map((container) => askOf(container, defaults)));
  const overhead = {
    cpu: quantity(at(spec, 'overhead', 'cpu')) * unit.cpu,
    memory: quantity(at(spec, 'overhead', 'memory')) * unit.memory,
  };
  return sum(most(running, starting), overhead);
}

/** MiB that the containers of a pod may take, and how many of them have no limit. Those that have ended before the pod runs are not counted. */
export function podLimits(spec: Loose, defaults: ContainerDefaults = {}): { readonly memory: number; readonly unlimited: number } {
  const running = runningContainers(spec);
  const limits = running.map((container) => at(container, 'resources', 'limits', 'memory') ?? defaults.default?.memory);
  return {
    memory: limits.reduce<number>((all, limit) => all + quantity(limit) * unit.memory, 0),
    unlimited: limits.filter((limit) => limit === undefined).length,
  };
}
