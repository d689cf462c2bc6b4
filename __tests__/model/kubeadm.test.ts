import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { defineComponent } from '../../components/define';
import { featureGates } from '../../model/feature-gates';
import { admission, corefile, hostNames, initDocuments, joinDocument } from '../../model/kubeadm';
import { fromText, type Json, load, resolveFresh, root } from '../support/fleet-fixture';

const fleet = resolveFresh(load('lab'));
const [hub] = fleet.clusters;
const [controlPlane, worker] = hub!.nodes;
const [init, cluster, kubelet, proxy] = initDocuments(fleet, hub!, controlPlane!) as Record<string, Json>[];

const accept = (name: string) => fromText(readFileSync(join(root, `__tests__/fixtures/accept/${name}.yaml`), 'utf8'));

test('init: the node under its own name and address, no join command with a token printed', () => {
  expect(init).toMatchObject({
    apiVersion: 'kubeadm.k8s.io/v1beta4',
    kind: 'InitConfiguration',
    localAPIEndpoint: { advertiseAddress: '10.77.0.11', bindPort: 6443 },
    nodeRegistration: { name: 'hub-cp-1', kubeletExtraArgs: [{ name: 'node-ip', value: '10.77.0.11' }] },
    skipPhases: ['show-join-command'],
  });
  expect(init!.nodeRegistration).not.toHaveProperty('taints');
});

test('cluster: the endpoint is a name, and certificates hold every name and address of the control planes', () => {
  expect(cluster).toMatchObject({
    kubernetesVersion: 'v1.35.4',
    controlPlaneEndpoint: 'api.hub.flotilla.internal:6443',
    networking: { podSubnet: '10.101.0.0/16', serviceSubnet: '10.201.0.0/16', dnsDomain: 'cluster.local' },
    apiServer: {
      certSANs: ['api.hub.flotilla.internal', 'hub-cp-1', 'hub-cp-1.flotilla.internal', '10.77.0.11', 'localhost', '127.0.0.1'],
      extraArgs: [{ name: 'admission-control-config-file', value: '/etc/kubernetes/admission/config.yaml' }],
    },
  });
  expect(cluster).not.toHaveProperty('proxy');
});

test('extra arguments are lists of name and value throughout; v1beta4 refuses maps', () => {
  const found: unknown[] = [];
  JSON.stringify([init, cluster, joinDocument(hub!, worker!)], (key, value) => {
    if (/ExtraArgs$|^extraArgs$/.test(key)) found.push(value);
    return value;
  });
  expect(found.length).toBeGreaterThanOrEqual(4);
  for (const list of found)
    expect(list).toEqual((list as { name: string; value: string }[]).map(({ name, value }) => ({ name, value: String(value) })));
});

test('kubelet: serving certificates from the cluster, limits in bytes, and the cgroup driver that containerd has', () => {
  expect(kubelet).toMatchObject({ serverTLSBootstrap: true, imageGCHighThresholdPercent: 100, imageGCLowThresholdPercent: 99 });
  expect(Object.values(kubelet!.evictionHard).every((limit) => /^\d+[GM]i$/.test(String(limit)))).toBe(true);
  const containerd = readFileSync(join(root, 'artifacts/node-image/rootfs/etc/containerd/config.toml'), 'utf8');
  expect(kubelet!.cgroupDriver).toBe(/SystemdCgroup\s*=\s*true/.test(containerd) ? 'systemd' : 'cgroupfs');
  expect(kubelet).not.toHaveProperty('failCgroupV1');
});

test('kube-proxy: nftables, no sysctl; left out, and kept out, where a component replaces it', () => {
  expect(proxy).toMatchObject({ mode: 'nftables', conntrack: { maxPerCore: 0, min: 0 } });
  const replacing = defineComponent({
    id: 'net',
    summary: '',
    roles: ['agent'],
    namespace: { name: 'kube-system' },
    provides: ['cni'],
    replaces: ['kube-proxy'],
  });
  const text =
    'budget: {memoryMiB: 4096}\nclusters: [{name: a, id: 1, role: agent, nodes: [{name: a-1, role: control-plane, memoryMiB: 2048}]}]';
  const without = resolveFresh(fromText(text), { catalog: [replacing] });
  const documents = initDocuments(without, without.clusters[0]!, without.clusters[0]!.nodes[0]!) as Record<string, Json>[];
  expect(documents.map(({ kind }) => kind)).toEqual(['InitConfiguration', 'ClusterConfiguration', 'KubeletConfiguration']);
  expect(documents[0]!.skipPhases).toContain('addon/kube-proxy');
  expect(documents[1]!.proxy).toEqual({ disabled: true });
});

test('a cluster without workers runs its workloads on the control planes', () => {
  const alone = resolveFresh(accept('alone-and-fixed'));
  const [document] = initDocuments(alone, alone.clusters[0]!, alone.clusters[0]!.nodes[0]!) as Record<string, Json>[];
  expect(document!.nodeRegistration.taints).toEqual([]);
});

test('join: no token and no hash; a control plane says where its API listens, a worker does not', () => {
  const join = JSON.stringify(joinDocument(hub!, worker!));
  expect(join).not.toMatch(/token"|caCertHashes|certificateKey|controlPlane"/);
  expect(joinDocument(hub!, worker!)).toMatchObject({
    discovery: { bootstrapToken: { apiServerEndpoint: 'api.hub.flotilla.internal:6443' } },
  });
  expect(joinDocument(hub!, controlPlane!)).toMatchObject({
    controlPlane: { localAPIEndpoint: { advertiseAddress: '10.77.0.11' } },
  });
});

test('pod security: baseline enforced, restricted warned about, only kube-system exempt', () => {
  const [plugin] = (admission() as Json).plugins;
  expect(plugin.configuration.defaults).toMatchObject({ enforce: 'baseline', warn: 'restricted', audit: 'restricted' });
  expect(plugin.configuration.exemptions.namespaces).toEqual(['kube-system']);
});

test('names: every node of every cluster, and the API name on control planes only', () => {
  expect(hostNames(fleet)).toContainEqual({
    address: '10.77.0.13',
    names: ['edge-cp-1', 'edge-cp-1.flotilla.internal', 'api.edge.flotilla.internal'],
  });
  expect(hostNames(fleet).filter(({ names }) => names.some((name) => name.startsWith('api.')))).toHaveLength(2);
});

test('CoreDNS: every name of the fleet, nothing is asked outside', () => {
  const text = corefile(fleet, hub!);
  for (const { address, names } of hostNames(fleet)) expect(text).toContain(`${address} ${names.join(' ')}\n`);
  expect(text).not.toMatch(/forward|resolv\.conf/);
  expect(text).toContain('rcode NXDOMAIN');
  expect(text.match(/\bhealth\b/g)).toHaveLength(1);
});

test('feature gates are listed only while they are off by default', () => {
  expect(featureGates('1.32.13', 'apiServer')).toEqual({ InPlacePodVerticalScaling: true });
  expect(featureGates('1.34.11', 'controllerManager')).toEqual({ HPAConfigurableTolerance: true });
  expect(featureGates('1.34.11', 'kubelet')).toEqual({});
  expect(featureGates('1.35.4', 'apiServer')).toEqual({});
  const old = resolveFresh(accept('old-kubernetes'), { source: 'official' });
  const [, configuration] = initDocuments(old, old.clusters[0]!, old.clusters[0]!.nodes[0]!) as Record<string, Json>[];
  expect(configuration!.controllerManager.extraArgs).toEqual([{ name: 'feature-gates', value: 'HPAConfigurableTolerance=true' }]);
});

describe('profiles of feature gates', () => {
  const programs = ['apiServer', 'controllerManager', 'scheduler', 'kubelet'] as const;

  test('minimal turns off what is on by default and not locked, and nothing else', () => {
    expect(featureGates('1.32.13', 'apiServer', 'minimal')).toEqual({});
    expect(featureGates('1.34.11', 'kubelet', 'minimal')).toEqual({ InPlacePodVerticalScaling: false });
    // In place resizing is generally available in 1.35: its gate is locked, and an API server that is told to turn it off does not start.
    expect(featureGates('1.35.4', 'apiServer', 'minimal')).toEqual({ HPAConfigurableTolerance: false });
    expect(featureGates('1.35.4', 'kubelet', 'minimal')).toEqual({});
    for (const program of programs) expect(featureGates('1.37.1', program, 'minimal')).toEqual({});
  });

  const configurationOf = (profile?: 'minimal') => {
    const text = readFileSync(join(root, '__tests__/fixtures/accept/pair.yaml'), 'utf8');
    const chosen = resolveFresh(fromText(profile ? `featureGates: ${profile}\n${text}` : text));
    return initDocuments(chosen, chosen.clusters[0]!, chosen.clusters[0]!.nodes[0]!)[1] as Json;
  };

  test('a fleet chooses one; a fleet that chooses nothing gets the documents of before', () => {
    expect(configurationOf('minimal').controllerManager.extraArgs).toEqual([
      { name: 'feature-gates', value: 'HPAConfigurableTolerance=false' },
    ]);
    expect(configurationOf().controllerManager.extraArgs).toEqual([]);
  });
});

test('the documents are YAML as well, being JSON', () => {
  expect(parse(JSON.stringify(cluster))).toEqual(cluster);
});
