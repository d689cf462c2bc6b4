import type { ResolvedCluster } from '../../model/resolved-fleet';
import type { Deployment } from '../deployment/deployment';
import { kubectlItems } from './kubectl';

interface Pod {
  readonly metadata: { readonly name: string; readonly namespace: string };
  readonly status: {
    readonly phase: string;
    readonly conditions?: readonly { readonly type: string; readonly status: string; readonly message?: string }[];
    readonly containerStatuses?: readonly ContainerStatus[];
    readonly initContainerStatuses?: readonly ContainerStatus[];
  };
}
interface ContainerStatus {
  readonly name: string;
  readonly image: string;
  readonly ready: boolean;
  readonly state: { readonly waiting?: Reason; readonly terminated?: Reason & { readonly exitCode: number } };
}
interface Reason {
  readonly reason?: string;
  readonly message?: string;
}
interface Claim {
  readonly metadata: { readonly name: string; readonly namespace: string };
  readonly spec: { readonly storageClassName?: string };
  readonly status: { readonly phase: string };
}
interface Event {
  readonly type: string;
  readonly reason: string;
  readonly message: string;
  readonly lastTimestamp: string | null;
  readonly involvedObject: { readonly kind: string; readonly name: string; readonly namespace?: string };
}

/** What a person would look up next after a failed release: pods not ready and why, pending claims, image pulls, the last warnings. */
export async function diagnose(deployment: Deployment, cluster: ResolvedCluster): Promise<readonly string[]> {
  const [pods, claims, events] = await Promise.all([
    kubectlItems<Pod>(deployment, cluster, ['pods', '--all-namespaces']),
    kubectlItems<Claim>(deployment, cluster, ['persistentvolumeclaims', '--all-namespaces']),
    kubectlItems<Event>(deployment, cluster, ['events', '--all-namespaces', '--field-selector=type=Warning']),
  ]);
  if (pods === null)
    return [`the API of ${cluster.name} does not answer: "npx flotilla status" tells which machines run, "npx flotilla boot" starts them`];
  const waiting = (claims ?? []).filter(({ status }) => status.phase !== 'Bound');
  const recent = [...(events ?? [])].sort((a, b) => (a.lastTimestamp ?? '').localeCompare(b.lastTimestamp ?? '')).slice(-8);
  return [
    ...pods.filter((pod) => !isReady(pod)).map((pod) => `pod ${pod.metadata.namespace}/${pod.metadata.name} is not ready: ${whyNot(pod)}`),
    ...waiting.map(
      ({ metadata, spec, status }) =>
        `claim ${metadata.namespace}/${metadata.name} is ${status.phase}, storage class ${spec.storageClassName ?? '(default)'}`,
    ),
    ...recent.map(
      ({ reason, message, involvedObject: on }) => `event ${on.kind} ${on.namespace ?? ''}/${on.name}: ${reason}: ${message.trim()}`,
    ),
  ];
}

const isReady = ({ status }: Pod): boolean =>
  status.phase === 'Succeeded' || (status.conditions ?? []).some(({ type, status: is }) => type === 'Ready' && is === 'True');

function whyNot({ status }: Pod): string {
  const containers = [...(status.initContainerStatuses ?? []), ...(status.containerStatuses ?? [])].filter(({ ready }) => !ready);
  const reasons = containers.flatMap(({ name, image, state }) => {
    const why = state.waiting ?? state.terminated;
    if (why?.reason === undefined) return [];
    const pull = /Image/.test(why.reason) ? ` (image ${image})` : '';
    return [`${name}: ${why.reason}${pull}${why.message ? `, ${why.message.trim()}` : ''}`];
  });
  const unmet = (status.conditions ?? [])
    .filter((condition) => condition.status === 'False' && condition.message)
    .map((condition) => condition.message!);
  return [...reasons, ...unmet].join('; ') || status.phase;
}
