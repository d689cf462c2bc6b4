import type { Source } from './sources';

/** Where Kubernetes comes from: built here from pinned sources, or the project's own downloads. */
export type KubernetesSource = Source;

/** What kubeadm of that patch asks for; only needed where the images are made here. */
export interface KubernetesPin {
  readonly kubernetes: string;
  readonly etcd?: string;
  readonly coredns?: string;
  readonly pause?: string;
}

/** Minors outside this window are refused; below `warnBelow` upstream has ended its support. */
export const kubernetesWindow = { oldest: '1.31', newest: '1.37', warnBelow: '1.35' } as const;

export const defaultKubernetesMinor = '1.35';

/** The one place of pinned patches, per minor and per source. */
const pins: Readonly<Record<string, Partial<Readonly<Record<KubernetesSource, KubernetesPin>>>>> = {
  '1.31': { official: { kubernetes: '1.31.14' } },
  '1.32': { official: { kubernetes: '1.32.13' } },
  '1.33': { official: { kubernetes: '1.33.13' } },
  '1.34': { official: { kubernetes: '1.34.11' } },
  '1.35': {
    offline: { kubernetes: '1.35.4', etcd: '3.6.6-0', coredns: 'v1.13.1', pause: '3.10.1' },
    official: { kubernetes: '1.35.9' },
  },
  '1.36': { official: { kubernetes: '1.36.4' } },
  '1.37': { official: { kubernetes: '1.37.1' } },
};

/** The pinned patch of a minor, or `null` when that source does not have it. */
export function kubernetesPin(minor: string, source: KubernetesSource): KubernetesPin | null {
  return pins[minor]?.[source] ?? null;
}

export function minorsOf(source: KubernetesSource): readonly string[] {
  return Object.keys(pins).filter((minor) => pins[minor]?.[source] !== undefined);
}

/** The second number of `1.35` or `1.35.4`. */
export function minorNumber(version: string): number {
  return Number(version.split('.')[1]);
}
