// An app of somebody who knows Flotilla by its package alone: every construct on its own, then two of each that differ, in one stack.
// Compiled in a project of its own by library.test.ts; our own tsc leaves it out.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { HelmProvider } from '@cdktf/provider-helm/lib/provider';
import { KubernetesProvider } from '@cdktf/provider-kubernetes/lib/provider';
import { NullProvider } from '@cdktf/provider-null/lib/provider';
import { App, TerraformStack } from 'cdktf';
import { Construct } from 'constructs';
import {
  ComponentSet,
  catalog,
  chooseProvider,
  defineMachineProvider,
  deploymentContext,
  HostScript,
  KindCluster,
  KubeadmCluster,
  Lease,
  type MachineProps,
  MultipassVm,
  makeStacks,
  NspawnVm,
  packageRoot,
  parseFleet,
  type ResolvedFleet,
  resolve,
  type SetComponent,
  settle,
  TartVm,
  TeardownMarker,
} from 'flotilla';
import { cache, cart } from './components.js';
import { platforms } from './platforms.js';

const uid = 'abc123';
const cacheOf = (text: string) => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'cache' }, data: { text } });
const component = (id: string, version: string): SetComponent => ({
  id,
  namespace: { name: 'shop', podSecurity: 'restricted' },
  chart: { repository: 'https://charts.invalid', name: 'cache', version },
  dependsOn: [],
  timeoutSeconds: 60,
  values: { text: '${not} a template' },
  resources: [cacheOf(version)],
  ready: [{ kind: 'nodes-ready' }],
});

const machine = (cluster: string): MachineProps => ({
  uid,
  cluster,
  node: `${cluster}-cp-1`,
  role: 'control-plane',
  cpus: 2,
  memoryMiB: 2048,
  diskGiB: 20,
  apiName: `api.${cluster}.example.internal`,
  kubeconfig: `kubeconfig/${cluster}`,
});
const place = (host: number) => ({
  address: `10.77.0.${host}`,
  network: { prefixLength: 24, gateway: '10.77.0.1', bridge: `fl${uid}` },
});

function cluster(scope: Construct, id: string, host: number): void {
  const vm = new NspawnVm(scope, `${id}-vm`, { ...machine(id), ...place(host) });
  new KubeadmCluster(scope, id, {
    name: id,
    kubernetesVersion: '1.35.4',
    podCidr: '10.101.0.0/16',
    serviceCidr: '10.201.0.0/16',
    domain: 'example.internal',
    nodes: [{ name: `${id}-cp-1`, role: 'control-plane', address: `10.77.0.${host}`, machine: vm }],
    mirrors: [{ registry: '_default', url: 'http://10.77.0.1:5000' }],
  });
}

/** What each construct needs, `n` times and different each time. */
const makers: Record<string, (scope: Construct, n: number) => void> = {
  'host-script': (scope, n) => void new HostScript(scope, `greet-${n}`, { run: 'host/ssh-key.sh', input: { n } }),
  'own-script': (scope, n) =>
    void new HostScript(scope, `own-${n}`, { run: join(__dirname, 'own', 'greet.sh'), input: { greeting: `hello ${n}` } }),
  lease: (scope, n) => void new Lease(scope, `lease-${n}`, { uid, holds: [`node-${n}`, 'other'], release: 'host/node-destroy.sh' }),
  'teardown-marker': (scope, n) => {
    const last = new HostScript(scope, `last-${n}`, { run: 'host/ssh-key.sh', input: {} });
    new TeardownMarker(scope, `teardown-${n}`, { uid, dependsOn: [last] });
  },
  'nspawn-vm': (scope, n) => void new NspawnVm(scope, `vm-${n}`, { ...machine(`c${n}`), ...place(10 + n) }),
  'tart-vm': (scope, n) => void new TartVm(scope, `vm-${n}`, { ...machine(`c${n}`), ...(n > 1 ? { image: 'my-image' } : {}) }),
  'multipass-vm': (scope, n) => void new MultipassVm(scope, `vm-${n}`, { ...machine(`c${n}`), ...(n > 1 ? { image: '22.04' } : {}) }),
  'kind-cluster': (scope, n) =>
    void new KindCluster(scope, `kind-${n}`, {
      uid,
      cluster: `kind-${n}`,
      nodes: [{ name: `kind-${n}-control-plane`, role: 'control-plane' }],
      podCidr: `10.${100 + n}.0.0/16`,
      serviceCidr: `10.${200 + n}.0.0/16`,
      kubeconfig: `kubeconfig/kind-${n}`,
      ...(n > 1 ? { hostPorts: [80, 443] } : {}),
    }),
  'kubeadm-cluster': (scope, n) => cluster(scope, `k${n}`, 20 + n),
  'component-set': (scope, n) => {
    const on = `cluster-${n}`;
    const configPath = `../../../kubeconfig/${on}`;
    const providers = {
      helm: new HelmProvider(scope, `helm-${n}`, { alias: on, kubernetes: { configPath } }),
      kubernetes: new KubernetesProvider(scope, `kubernetes-${n}`, {
        alias: on,
        configPath: `\${fileexists("${configPath}") ? "${configPath}" : null}`,
      }),
    };
    new ComponentSet(scope, `set-${n}`, {
      uid,
      cluster: on,
      kubeconfig: `kubeconfig/${on}`,
      components: [component('cache', `1.${n}.0`)],
      providers,
      ...(n > 1 ? { prefix: `${on}-` } : {}),
    });
  },
};

function stackOf(app: App, name: string, make: (stack: Construct) => void): void {
  const stack = new TerraformStack(app, name);
  new NullProvider(stack, 'null');
  settle(stack, /component-set|mesh|pki|hub|agent/.test(name) ? ['null', 'helm', 'kubernetes'] : ['null']);
  make(stack);
}

/** A fleet of one's own, with components and a machine provider of one's own, beside what comes with the package. */
function ownFleet(): ResolvedFleet {
  const text = `provider: mine
budget: { memoryMiB: 16384 }
clusters:
  - name: shop
    id: 7
    role: hub
    components: { add: [bridge-cni] }
    nodes: [{ name: shop-cp-1, role: control-plane, memoryMiB: 2048 }]
  - name: till
    id: 8
    role: agent
    components: { add: [bridge-cni] }
    nodes: [{ name: till-cp-1, role: control-plane, memoryMiB: 2048 }]
`;
  return resolve({
    fleet: parseFleet({ file: 'mine.yaml', text }),
    deployment: { uid, network: '10.77.9.0/24', addresses: { 'shop-cp-1': '10.77.9.11', 'till-cp-1': '10.77.9.12' } },
    provider: defineMachineProvider({ ...chooseProvider('nspawn'), id: 'mine', summary: 'machines of my own' }),
    catalog: [...catalog.filter(({ id }) => ['bridge-cni', 'local-path'].includes(id)), cache, cart],
    readFile: (path) => (existsSync(join(packageRoot(), path)) ? readFileSync(join(packageRoot(), path), 'utf8') : null),
  });
}

const context = process.env.ELSEWHERE ? { [deploymentContext]: process.env.ELSEWHERE } : {};
const app = new App({ outdir: process.argv[2] ?? 'cdktf.out', context });
const depth = Number(process.argv[3] ?? 0);
for (const [name, make] of Object.entries({ ...makers, ...platforms })) {
  stackOf(app, name, (stack) => {
    // The same at another place in the tree.
    let scope = stack;
    for (let level = 0; level < depth; level++) scope = new Construct(scope, `level-${level}`);
    make(scope, 1);
  });
  stackOf(app, `two-${name}`, (stack) => {
    make(stack, 1);
    make(stack, 2);
  });
}
makeStacks(app, ownFleet());
app.synth();
