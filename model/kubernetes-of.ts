import { type KubernetesSource, kubernetesPin } from '../config/kubernetes-versions';
import type { FleetSpec } from '../config/schema';
import type { MachineProvider } from '../machines/define';

type Asked = Pick<FleetSpec, 'kubernetes' | 'image'>;

/** The patch that a node image with Kubernetes in it says in its tag; `null` where machines come without, or the tag says none. */
export function broughtKubernetes({ image }: Asked, provider: MachineProvider | null): string | null {
  if (provider?.brings !== 'clusters') return null;
  return /:v(\d+\.\d+\.\d+)/.exec(image ?? provider.image ?? '')?.[1] ?? null;
}

/** The patch that the fleet runs: its image's, or the pinned one of its minor; `null` when the source does not have that minor. */
export function kubernetesOf(spec: Asked, provider: MachineProvider | null, source: KubernetesSource): string | null {
  return broughtKubernetes(spec, provider) ?? kubernetesPin(spec.kubernetes, source)?.kubernetes ?? null;
}
