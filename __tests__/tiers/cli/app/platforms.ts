// The platform constructs, each on a cluster that exists already, with a prefix so that one stack can hold several.
import { HelmProvider } from '@cdktf/provider-helm/lib/provider';
import { KubernetesProvider } from '@cdktf/provider-kubernetes/lib/provider';
import type { Construct } from 'constructs';
import { AgentCluster, CiliumMesh, type ContextCluster, ObservabilityHub, Platform, type Role, VaultPki } from 'flotilla';

const cluster = (name: string, id: number, role: Role): ContextCluster => ({
  name,
  id,
  role,
  podCidr: `10.${100 + id}.0.0/16`,
  serviceCidr: `10.${200 + id}.0.0/16`,
  api: { name: `api.${name}.example.internal`, port: 6443 },
  nodes: [
    { name: `${name}-cp`, role: 'control-plane', address: `10.9.${id}.1`, cpus: 2, memoryMiB: 4096, diskGiB: 40 },
    { name: `${name}-worker`, role: 'worker', address: `10.9.${id}.2`, cpus: 4, memoryMiB: 4096 * id, diskGiB: 60 },
  ],
});
const agent = cluster('agent-9', 9, 'agent');

function platform(scope: Construct, of: ContextCluster, others: readonly ContextCluster[]): Platform {
  const configPath = `../../../kubeconfig/${of.name}`;
  const alias = of.name;
  return new Platform(scope, of.name, {
    uid: 'abc123',
    cluster: of,
    others,
    kubeconfig: `kubeconfig/${of.name}`,
    domain: 'example.internal',
    kubernetesVersion: '1.35.4',
    prefix: `${of.name}-`,
    providers: {
      helm: new HelmProvider(scope, `helm-${alias}`, { alias, kubernetes: { configPath } }),
      kubernetes: new KubernetesProvider(scope, `kubernetes-${alias}`, {
        alias,
        configPath: `\${fileexists("${configPath}") ? "${configPath}" : null}`,
      }),
    },
  });
}
const hub = (n: number): ContextCluster => cluster(`hub-${n}`, n, 'hub');

export const platforms: Record<string, (scope: Construct, n: number) => void> = {
  'cilium-mesh': (scope, n) => void new CiliumMesh(platform(scope, hub(n), [agent]), 'mesh', n > 1 ? { hubblePort: null } : {}),
  'vault-pki': (scope, n) => {
    const here = new VaultPki(platform(scope, hub(n), [agent]), 'pki', { authority: `Example ${n}` });
    if (n === 1) here.admit(agent, 'kubeconfig/agent-9');
  },
  'observability-hub': (scope, n) => void new ObservabilityHub(platform(scope, hub(n), []), 'telemetry', { grafanaPort: 30300 + n }),
  'agent-cluster': (scope, n) => {
    const { buffers } = new AgentCluster(platform(scope, cluster(`edge-${n}`, n, 'agent'), [hub(8)]), 'agent');
    if (!buffers.some(({ signal, hours }) => signal === 'metrics' && hours >= 2)) throw new Error(JSON.stringify(buffers));
  },
};
