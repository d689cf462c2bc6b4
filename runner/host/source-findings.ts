import { officialVersions } from '../../artifacts/versions';
import type { PreparationPlan } from '../../artifacts/wanted';
import type { SourceKind } from '../../config/sources';
import type { Finding } from './finding';
import type { SourcePlan } from './source-plan';

/** For each kind: what comes from where, and why. */
export function sourceFindings({ plan, decisions }: SourcePlan): readonly Finding[] {
  return decisions.map(({ kind, source, why, verdict, remedy }) => ({
    check: `source of ${kind}`,
    verdict,
    found: `${source}: ${things[source](plan)[kind]} (${why}${source === 'official' ? '; unproven, docs/guide/sources.md' : ''})`,
    remedy,
  }));
}

const things = {
  official: (plan: PreparationPlan): Record<SourceKind, string> => ({
    packages: {
      image: `kubeadm and kubelet ${plan.kubernetes} from dl.k8s.io, CNI plugins ${officialVersions.cniPlugins} and the registry from GitHub, containerd from Debian`,
      inside: `kubeadm and kubelet ${plan.kubernetes} from pkgs.k8s.io and containerd from Ubuntu, by apt in each machine`,
      brought: `kubectl ${plan.kubernetes} from dl.k8s.io; nodes bring theirs`,
    }[plan.nodePackages],
    images:
      plan.nodePackages === 'image'
        ? 'their registries, through caches on this host'
        : 'their registries, asked by each machine; our own image is made on each node',
    charts: plan.chartRepositories.length === 0 ? 'none needed' : plan.chartRepositories.join(', '),
    providers: 'registry.terraform.io, fetched once',
  }),
  offline: (plan: PreparationPlan): Record<SourceKind, string> => ({
    packages: {
      image: 'kubeadm, kubelet and CNI plugins built from Go modules, containerd from Debian',
      inside: "what the machines' image brings",
      brought: 'kubectl built from Go modules; nodes bring theirs',
    }[plan.nodePackages],
    images: 'made from the same builds, in a registry on this host',
    charts: 'those that Go modules carry, and STAND-INS for all others, which are not the real software',
    providers: 'built from pinned commits',
  }),
};
