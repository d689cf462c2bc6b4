/** Makers of constructs with props that a test changes, and what only Terraform knows. */
import '../../constructs/quiet-stack-traces';
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TerraformStack, TerraformVariable } from 'cdktf';
import type { Construct } from 'constructs';
import { CiliumMesh } from '../../constructs/cilium-mesh';
import { ComponentSet } from '../../constructs/component-set';
import { Lease, type LeaseProps } from '../../constructs/destroy-hook';
import { HostScript, type HostScriptProps } from '../../constructs/host-script';
import { KindCluster, type KindClusterProps } from '../../constructs/kind-cluster';
import { KubeadmCluster, type KubeadmClusterProps } from '../../constructs/kubeadm-cluster';
import type { MachineProps } from '../../constructs/machine';
import { NspawnVm } from '../../constructs/nspawn-vm';
import { ObservabilityHub } from '../../constructs/observability-hub';
import { TartVm } from '../../constructs/tart-vm';
import { VaultPki } from '../../constructs/vault-pki';
import { cluster, hub, platform, raw } from './places';

// Names that no file of the checkout should have.
export const scripts = mkdtempSync(join(tmpdir(), 'library-scripts-'));
mkdirSync(join(scripts, 'sources outside'));
for (const file of ['say hello.sh', "it's ${me}.sh", 'outside.sh']) writeFileSync(join(scripts, file), 'echo hello\n');
writeFileSync(join(scripts, 'sources outside', 'main.sh'), '# shellcheck source=../outside.sh\nsource ../outside.sh\n');

export const script =
  (props: Partial<HostScriptProps>, id = 'greet') =>
  (scope: Construct) =>
    new HostScript(scope, id, { run: 'host/ssh-key.sh', input: {}, ...props });
export const lease =
  (props: Partial<LeaseProps> = {}, id = 'lease') =>
  (scope: Construct) =>
    new Lease(scope, id, { uid: 'abc123', holds: ['node-1'], release: 'host/node-destroy.sh', ...props });
export const machine: MachineProps = {
  uid: 'abc123',
  cluster: 'hub',
  node: 'hub-cp-1',
  role: 'control-plane',
  cpus: 2,
  memoryMiB: 2048,
  diskGiB: 20,
  apiName: 'api.hub.example.internal',
  kubeconfig: 'kubeconfig/hub',
};
export const tart = (props: Partial<MachineProps> & { readonly image?: string; readonly machineNetwork?: string }) => (scope: Construct) =>
  new TartVm(scope, 'vm', { ...machine, ...props });
export const network = { prefixLength: 24, gateway: '10.77.0.1', bridge: 'flabc123' };
export const nspawn =
  (address: string, more: Partial<typeof network> = {}) =>
  (scope: Construct) =>
    new NspawnVm(scope, 'vm', { ...machine, address, network: { ...network, ...more } });
export const kind = (props: Partial<KindClusterProps>) => (scope: Construct) =>
  new KindCluster(scope, 'kind', {
    uid: 'abc123',
    cluster: 'kind',
    nodes: [{ name: 'kind-control-plane', role: 'control-plane' }],
    podCidr: '10.10.0.0/16',
    serviceCidr: '10.96.0.0/16',
    kubeconfig: 'kubeconfig/kind',
    ...props,
  });
export const kubeadm = (props: Partial<KubeadmClusterProps>) => (scope: Construct) =>
  new KubeadmCluster(scope, 'kubeadm', {
    name: 'hub',
    kubernetesVersion: '1.35.4',
    podCidr: '10.101.0.0/16',
    serviceCidr: '10.201.0.0/16',
    domain: 'example.internal',
    nodes: [{ name: 'hub-cp-1', role: 'control-plane', address: '10.77.0.11', machine: { fqn: 'null_resource.vm' } }],
    ...props,
  });
/** Props of the platform among those of a construct. */
export const ofPlatform = ['values', 'userSecrets', 'domain'];
export const split = (props: object) => {
  const entries = Object.entries(props);
  return [true, false].map((own) => Object.fromEntries(entries.filter(([key]) => ofPlatform.includes(key) === own)));
};
export const mesh =
  (of: Partial<typeof hub>, ...others: (typeof hub)[]) =>
  (scope: Construct) =>
    new CiliumMesh(platform(scope, { ...hub, ...of }, others), 'mesh');
export const observe = (props: object) => (scope: Construct) => {
  const [place, own] = split(props);
  return new ObservabilityHub(platform(scope, hub, [], place), 'telemetry', own);
};
export const pki = (props: object) => (scope: Construct) => {
  const [place, own] = split(props);
  return new VaultPki(platform(scope, hub, [], place), 'pki', { authority: 'Example', ...own });
};
export const set =
  (id: string, props: object = {}) =>
  (scope: Construct) => {
    const made = new ComponentSet(scope, 'set', { uid: 'abc123', cluster: 'hub', kubeconfig: 'kubeconfig/hub', components: [], ...props });
    made.add(raw(id));
  };

export const variable = (scope: Construct, id = 'given') => new TerraformVariable(scope, id, { type: 'string' });
export const text = (scope: Construct): string => variable(scope).stringValue;
export const number = (scope: Construct): number => variable(scope).numberValue;
export const list = (scope: Construct): string[] => variable(scope).listValue;
export const notYet = 'is a Terraform reference, and it has to be known when the app is synthesized';
export const members = (count: number) =>
  Array.from({ length: count }, (_, index) =>
    cluster(`c${index}`, (index % 255) + 1, 'agent', {
      podCidr: `10.${index % 200}.${Math.floor(index / 200) * 16}.0/20`,
      serviceCidr: '172.20.0.0/16',
    }),
  );
export const otherStack = (scope: Construct) => new TerraformStack(scope.node.root, 'other');
