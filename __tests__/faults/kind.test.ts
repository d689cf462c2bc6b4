import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { repository, Sandbox } from '../scripts/sandbox';

const deployment = '.flotilla/lab@nspawn';
const uid = 'zz9999';
const nodes = [
  { name: 'kind-control-plane', role: 'control-plane' },
  { name: 'kind-worker', role: 'worker' },
];
const wanted = {
  deployment,
  uid,
  cluster: 'kind',
  nodes,
  podCidr: '10.1.0.0/16',
  serviceCidr: '10.2.0.0/16',
  hostPorts: [80, 443],
  bringsOwnCni: false,
  skipPhases: ['addon/kube-proxy'],
  image: 'kindest/node:v1.35.0@sha256:aa',
  kubeconfig: 'kubeconfig/kind',
  registryPort: 5002,
};

/** The scripts of kind over the fakes of kind and docker. */
class House {
  readonly sandbox = new Sandbox();
  readonly state = join(this.sandbox.root, 'state');
  readonly fakes = join(repository, '__tests__/fakes/bin');

  constructor() {
    mkdirSync(this.state);
    this.sandbox.write(`${deployment}/kubeconfig/.keep`, '');
  }

  run(script: string, input: object = {}) {
    return this.sandbox.script(
      `host/kind/${script}.sh`,
      { deployment, uid, ...input },
      { FLOTILLA_FAKE_STATE: this.state, PATH: `${this.fakes}:${process.env.PATH}` },
    );
  }

  breakAt(fault: string) {
    for (const file of readdirSync(this.state)) if (file.startsWith('count-')) writeFileSync(join(this.state, file), '');
    writeFileSync(join(this.state, 'faults'), fault);
  }

  containers(): readonly string[] {
    const folder = join(this.state, 'containers');
    return existsSync(folder) ? readdirSync(folder).sort() : [];
  }
}

let house: House;
beforeEach(() => {
  house = new House();
});
afterEach(() => house.sandbox.remove());
const ok = { code: 0 };

it('makes a cluster with its registry, once, finds its nodes, stops and starts them, and leaves nothing', () => {
  expect(house.run('host-claim', { registryPort: 5002 })).toMatchObject(ok);
  for (const _ of [1, 2]) expect(house.run('cluster-up', wanted)).toMatchObject(ok);
  const calls = readFileSync(join(house.state, 'calls'), 'utf8');
  expect(calls.match(/kind-create-cluster/g)).toHaveLength(1);
  expect(JSON.parse(readFileSync(join(house.state, 'kind-kind.json'), 'utf8'))).toMatchObject({
    networking: { podSubnet: '10.1.0.0/16', serviceSubnet: '10.2.0.0/16', disableDefaultCNI: false, kubeProxyMode: 'none' },
    nodes: [
      {
        role: 'control-plane',
        image: 'kindest/node:v1.35.0@sha256:aa',
        extraPortMappings: [80, 443].map((port) => ({ containerPort: port, hostPort: port, protocol: 'TCP' })),
      },
      { role: 'worker', image: 'kindest/node:v1.35.0@sha256:aa' },
    ],
  });
  expect(house.containers()).toEqual([`flotilla-${uid}-registry`, 'kind-control-plane', 'kind-worker']);
  expect(readFileSync(join(house.state, 'containers/kind-worker/hosts.toml'), 'utf8')).toBe(
    `[host."http://flotilla-${uid}-registry:5000"]\n`,
  );
  expect(JSON.parse(readFileSync(join(house.state, 'containers/kind-control-plane/applied'), 'utf8')).data).toEqual({
    'localRegistryHosting.v1': 'host: "localhost:5002"\nhelp: "https://kind.sigs.k8s.io/docs/user/local-registry/"\n',
  });
  const kubeconfig = join(house.sandbox.deployment, 'kubeconfig/kind');
  expect(readFileSync(kubeconfig, 'utf8')).toMatch(/current-context: kind\n/);
  expect(readFileSync(kubeconfig, 'utf8')).not.toContain('kind-kind');
  expect(house.sandbox.lines([], `ls -l ${deployment}/kubeconfig/kind`).stdout).toMatch(/^-rw------- /);

  expect(house.run('machine-stop', { node: 'kind-worker', how: 'clean' })).toMatchObject(ok);
  expect(JSON.parse(house.run('machines').stdout).machines.map(({ node, state }: Record<string, string>) => `${node} ${state}`)).toEqual([
    'kind-control-plane running',
    'kind-worker stopped',
  ]);
  expect(house.run('machine-up', { cluster: 'kind', node: 'kind-worker' })).toMatchObject(ok);
  expect(house.run('host-release').stderr).toContain('cluster kind of deployment zz9999 is still on this host');

  for (const _ of [1, 2]) expect(house.run('cluster-delete', { node: 'kind' })).toMatchObject(ok);
  for (const _ of [1, 2]) expect(house.run('host-release')).toMatchObject(ok);
  expect(house.containers()).toEqual([]);
  expect(readdirSync(join(house.sandbox.deployment, 'nodes'))).toEqual([]);
  expect(existsSync(kubeconfig)).toBe(false);
  expect(existsSync(join(house.sandbox.root, 'host'))).toBe(false);
});

it('makes a cluster that is half made anew', () => {
  house.run('host-claim', { registryPort: 5002 });
  house.breakAt('kind-create-cluster:1:half');
  expect(house.run('cluster-up', wanted).stderr).toContain('kind does not make cluster "kind"');
  expect(house.containers()).toEqual(['kind-control-plane']);
  house.breakAt('');
  expect(house.run('cluster-up', wanted)).toMatchObject(ok);
  expect(house.containers()).toHaveLength(3);
});

it("leaves somebody else's cluster of the name alone", () => {
  const folder = join(house.state, 'containers/kind-control-plane');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'cluster'), 'kind\n');
  writeFileSync(join(folder, 'state'), 'running\n');
  for (const [script, input] of [
    ['cluster-up', wanted],
    ['cluster-delete', { node: 'kind' }],
  ] as const)
    expect(house.run(script, input).stderr).toMatch(/a kind cluster of the name "kind" exists.*\n.*npx flotilla adopt/);
  expect(JSON.parse(house.run('machines').stdout)).toEqual({ machines: [] });
  expect(house.containers()).toEqual(['kind-control-plane']);
});

it('refuses names that kind would not give', () => {
  const named = [nodes[0]!, { name: 'worker-1', role: 'worker' }];
  expect(house.run('cluster-up', { ...wanted, nodes: named }).stderr).toContain('have names of their own: worker-1');
});
