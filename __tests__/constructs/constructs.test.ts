import '../../constructs/quiet-stack-traces';
import { join } from 'node:path';
import { App, TerraformStack, Testing } from 'cdktf';
import { Construct } from 'constructs';
import { packageRoot } from '../../config/package-root';
import { ComponentSet } from '../../constructs/component-set';
import { Lease } from '../../constructs/destroy-hook';
import { HostScript } from '../../constructs/host-script';
import { KindCluster } from '../../constructs/kind-cluster';
import { KubeadmCluster } from '../../constructs/kubeadm-cluster';
import type { MachineProps } from '../../constructs/machine';
import { MultipassVm } from '../../constructs/multipass-vm';
import { NspawnVm } from '../../constructs/nspawn-vm';
import { hashScripts } from '../../constructs/script-assets';
import { TartVm } from '../../constructs/tart-vm';
import { TeardownMarker } from '../../constructs/teardown-marker';
import type { ResolvedComponent } from '../../model/resolved-fleet';
import { makeStacks } from '../../stacks';
import { PlatformStack } from '../../stacks/platform';
import { load, resolveFresh } from '../support/fleet-fixture';

type Json = { resource: Record<string, Record<string, Record<string, unknown>>>; provider?: Record<string, unknown> };

/** The stack's JSON, with what changes at every edit of a script taken out. */
function synthesize(make: (scope: Construct) => void): Json {
  const stack = new TerraformStack(Testing.app(), 'stack');
  make(stack);
  const text = Testing.synth(stack)
    .replace(/assets\/([\w-]+)\/[0-9A-F]{32}/g, 'assets/$1/HASH')
    .replaceAll(/"scripts": "[0-9a-f]{64}"/g, '"scripts": "HASH"');
  return JSON.parse(text);
}

/** One resource a line: address, what it waits for, what it is made of. */
const lines = ({ resource }: Json): string[] =>
  Object.entries(resource).flatMap(([type, named]) =>
    Object.entries(named).map(([name, body]) => `${type}.${name} ${JSON.stringify(body)}`),
  );

const component = (more: Partial<ResolvedComponent> & { id: string }): ResolvedComponent => ({
  summary: '',
  provides: [],
  namespace: { name: 'shop', podSecurity: 'restricted' },
  chart: { repository: 'https://charts.invalid', name: more.id, version: '1.2.3' },
  dependsOn: [],
  reaches: [],
  serves: [],
  crds: [],
  requests: { cpuMillicores: 0, memoryMiB: 0, storageGiB: 0 },
  secrets: [],
  timeoutSeconds: 300,
  values: {},
  resources: [],
  steps: [],
  links: [],
  ready: [],
  checks: [],
  ...more,
});
const configMap = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'settings' } };
const shop = [
  component({ id: 'base', values: { greeting: 'costs ${price} and %{if}' }, ready: [{ kind: 'nodes-ready' }] }),
  component({ id: 'till', chart: null, resources: [configMap], dependsOn: ['base'] }),
  component({ id: 'proxy', namespace: { name: 'kube-system', podSecurity: null }, resources: [configMap], dependsOn: ['base'] }),
];

const vm = (scope: Construct): NspawnVm =>
  new NspawnVm(scope, 'vm', {
    uid: 'abc123',
    cluster: 'hub',
    node: 'hub-cp-1',
    role: 'control-plane',
    address: '10.77.0.11',
    network: { prefixLength: 24, gateway: '10.77.0.1', bridge: 'flabc123' },
    cpus: 2,
    memoryMiB: 2048,
    diskGiB: 20,
    apiName: 'api.hub.flotilla.internal',
    kubeconfig: 'kubeconfig/hub',
  });

const machine: MachineProps = {
  uid: 'abc123',
  cluster: 'hub',
  node: 'hub-cp-1',
  role: 'control-plane',
  cpus: 2,
  memoryMiB: 4096,
  diskGiB: 20,
  apiName: 'api.hub.flotilla.internal',
  kubeconfig: 'kubeconfig/hub',
};

const nodes = (machine: NspawnVm) =>
  (['hub-worker-1', 'hub-cp-1', 'hub-cp-2', 'hub-cp-3'] as const).map((name, index) => {
    const role = name.includes('cp') ? ('control-plane' as const) : ('worker' as const);
    return { name, role, address: `10.77.0.${11 + index}`, machine };
  });

const makers = {
  HostScript: (scope: Construct) => new HostScript(scope, 'ssh-key', { run: 'host/ssh-key.sh', input: { text: '${a} %{b}' } }),
  Lease: (scope: Construct) =>
    new Lease(scope, 'lease', { uid: 'abc123', holds: ['hub-cp-1', 'hub-worker-1'], release: 'host/node-destroy.sh' }),
  TeardownMarker: (scope: Construct) => new TeardownMarker(scope, 'teardown', { uid: 'abc123', dependsOn: [vm(scope)] }),
  NspawnVm: vm,
  TartVm: (scope: Construct) => new TartVm(scope, 'vm', machine),
  MultipassVm: (scope: Construct) => new MultipassVm(scope, 'vm', { ...machine, image: '22.04' }),
  KindCluster: (scope: Construct) =>
    new KindCluster(scope, 'cluster', {
      uid: 'abc123',
      cluster: 'kind',
      nodes: [{ name: 'kind-control-plane', role: 'control-plane' }],
      podCidr: '10.10.0.0/16',
      serviceCidr: '10.96.0.0/16',
      hostPorts: [80, 443],
      registryPort: 5002,
      kubeconfig: 'kubeconfig/kind',
    }),
  KubeadmCluster: (scope: Construct) =>
    new KubeadmCluster(scope, 'kubeadm', {
      name: 'hub',
      kubernetesVersion: '1.35.4',
      podCidr: '10.101.0.0/16',
      serviceCidr: '10.201.0.0/16',
      domain: 'flotilla.internal',
      nodes: nodes(vm(scope)),
      mirrors: [{ registry: '_default', url: 'http://10.77.0.1:5000' }],
    }),
  ComponentSet: (scope: Construct) =>
    new ComponentSet(scope, 'components', { uid: 'abc123', cluster: 'hub', kubeconfig: 'kubeconfig/hub', components: shop }),
};

describe.each(Object.entries(makers))('%s', (name, make) => {
  test('becomes this', () => {
    const made = lines(synthesize(make));
    // Of the large one only who waits for whom: what its steps are told is the model's.
    expect(
      name === 'KubeadmCluster' ? made.map((line) => line.replace(/ \{(?:"depends_on":(\[.*?\]))?.*/, ' $1')) : made,
    ).toMatchSnapshot();
  });

  test('is the same at any place in the tree', () => {
    const deeper = (scope: Construct): void => void make(new Construct(new Construct(scope, 'somewhere'), 'else'));
    expect(lines(synthesize(deeper))).toEqual(lines(synthesize(make)));
  });
});

const block = (json: Json, address: `${string}.${string}`): Record<string, unknown> => {
  const [type, name] = address.split('.') as [string, string];
  return json.resource[type]![name]!;
};

test('a lease and a marker are known by identity alone', () => {
  expect(block(synthesize(makers.Lease), 'null_resource.lease').triggers).toEqual({ uid: 'abc123', node: '${each.key}' });
  expect(block(synthesize(makers.TeardownMarker), 'null_resource.teardown').triggers).toEqual({ uid: 'abc123', stack: 'stack' });
  for (const make of [makers.Lease, makers.TeardownMarker]) {
    const provisioners = Object.values(synthesize(make).resource.null_resource!).flatMap(
      (one) => (one.provisioner ?? []) as Record<string, { when?: string }>[],
    );
    const destroying = provisioners.filter((provisioner) => provisioner['local-exec']?.when === 'destroy');
    expect(destroying).toHaveLength(1);
  }
});

test('what Terraform would take for a template is escaped, in inputs and in values', () => {
  const { triggers } = block(synthesize(makers.HostScript), 'null_resource.ssh-key') as { triggers: { input: string } };
  expect(JSON.parse(triggers.input).text).toBe('$${a} %%{b}');
  const { values } = block(synthesize(makers.ComponentSet), 'helm_release.base') as { values: string[] };
  expect(JSON.parse(values[0]!).greeting).toBe('costs $${price} and %%{if}');
});

test('releases and the kubernetes provider ask whether there is a cluster yet', () => {
  const fleet = resolveFresh(load('lab'));
  const stack = new PlatformStack(new App({ outdir: Testing.app().outdir }), 'hub-platform', fleet, fleet.clusters[0]!);
  const json: Json = JSON.parse(Testing.synth(stack));
  for (const release of Object.values(json.resource.helm_release!))
    expect(release.upgrade_install).toBe('${fileexists("../../../kubeconfig/hub")}');
  expect(json.provider!.kubernetes).toEqual([
    { config_path: '${fileexists("../../../kubeconfig/hub") ? "../../../kubeconfig/hub" : null}' },
  ]);
  expect(json.provider!.helm).toEqual([{ kubernetes: { config_path: '../../../kubeconfig/hub' } }]);
});

test('the hash of a script follows what it sources and what it hands on', () => {
  const root = join(packageRoot(), 'scripts');
  expect(hashScripts(['host/join.sh'])).toBe(hashScripts([join(root, 'host/join.sh')]));
  expect(hashScripts(['host/guest.sh'])).not.toBe(hashScripts(['host/guest.sh', 'guest/init.sh']));
});

test('a cluster without a control plane is refused by name', () => {
  const make = (scope: Construct) =>
    new KubeadmCluster(scope, 'kubeadm', {
      name: 'hub',
      kubernetesVersion: '1.35.4',
      podCidr: '10.101.0.0/16',
      serviceCidr: '10.201.0.0/16',
      domain: 'flotilla.internal',
      nodes: nodes(vm(scope)).slice(0, 1),
    });
  expect(() => synthesize(make)).toThrow('cluster "hub" has no control plane');
});

/** The JSON of every stack of a fleet file, as a fresh deployment would have it. */
function stacksOf(fleet: string): Record<string, Json> {
  const model = resolveFresh(load(fleet));
  const stacks = makeStacks(new App({ outdir: Testing.app().outdir }), {
    ...model,
    stacks: model.stacks.filter(({ kind }) => kind !== 'platform'),
  });
  return Object.fromEntries([...stacks].map(([name, stack]) => [name, JSON.parse(Testing.synth(stack))]));
}
const names = (json: Json): string[] => Object.keys(json.resource.null_resource!).sort();

test('machines with leased addresses: no address in any stack, a cluster waits for its own machines to name them, links names the whole fleet', () => {
  const stacks = stacksOf('tart');
  expect(Object.keys(stacks)).toEqual(['foundation', 'platform', 'dev', 'staging', 'prod', 'links']);
  // What looks like an address is one of ours in CIDRs only.
  const found = JSON.stringify(stacks).match(/\b\d+\.\d+\.\d+\.\d+\b(?!\/\d)/g) ?? [];
  expect([...new Set(found)]).toEqual(['127.0.0.1']);
  expect(block(stacks.dev!, 'null_resource.names-dev-worker1').depends_on).toEqual(
    expect.arrayContaining(['null_resource.machine-dev-master', 'null_resource.machine-dev-worker1']),
  );
  expect(JSON.stringify(block(stacks.dev!, 'null_resource.names-dev-worker1'))).not.toContain('prod-master');
  expect(names(stacks.links!).filter((name) => name.startsWith('links-names-'))).toHaveLength(10);
  expect(names(stacks.links!).filter((name) => name.startsWith('links-coredns-'))).toHaveLength(4);
  expect(JSON.stringify(block(stacks.links!, 'null_resource.links-names-dev-master'))).toContain('leased(prod-worker2)');
});

test('a provider that brings clusters: one step and one lease per cluster, no key, no kubeadm', () => {
  const { foundation, kind } = stacksOf('kind');
  expect(names(foundation!)).toEqual(['lab', 'lease']);
  expect(names(kind!)).toEqual(['cluster-kind', 'lease', 'teardown']);
  expect(block(kind!, 'null_resource.lease').for_each).toEqual({ kind: 'kind' });
  expect(block(kind!, 'null_resource.cluster-kind').depends_on).toEqual(['null_resource.lease["kind"]']);
});
