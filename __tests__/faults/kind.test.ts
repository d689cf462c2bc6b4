import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { repository, Sandbox } from '../scripts/sandbox';
import { allFaults } from './call-faults';

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
  hostPorts: [80, { host: 443, node: 31443 }],
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

  /** Calls of docker and kind, as `docker-ps`, in their order. */
  calls(): readonly string[] {
    const text = readFileSync(join(this.state, 'calls'), 'utf8').trim();
    writeFileSync(join(this.state, 'calls'), '');
    return text.split('\n').map((line) => JSON.parse(line).program);
  }

  container(name: string, cluster: string): string {
    for (const [file, content] of Object.entries({ cluster, state: 'running', data: 'precious' }))
      this.sandbox.write(`state/containers/${name}/${file}`, `${content}\n`);
    return join(this.state, 'containers', name, 'data');
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

/** Ports of the host that the cluster's configuration opens to other machines. */
const openPorts = (): readonly number[] =>
  (
    JSON.parse(readFileSync(join(house.state, 'kind-kind.json'), 'utf8')).nodes as {
      extraPortMappings?: { hostPort: number; listenAddress?: string }[];
    }[]
  )
    .flatMap(({ extraPortMappings = [] }) => extraPortMappings)
    .flatMap(({ hostPort, listenAddress }) => (listenAddress === '127.0.0.1' ? [] : [hostPort]));

it('opens no port of the host to other machines; a mutation without the address does', () => {
  house.run('host-claim', { registryPort: 5002 });
  house.run('cluster-up', wanted);
  expect(openPorts()).toEqual([]);
  const script = join(house.sandbox.copy(), 'host/kind/cluster-up.sh');
  const text = readFileSync(script, 'utf8');
  writeFileSync(script, text.replace('listenAddress: "127.0.0.1", ', ''));
  rmSync(join(house.state, 'containers'), { recursive: true });
  house.sandbox.bash([script], {
    INPUT: JSON.stringify(wanted),
    FLOTILLA_FAKE_STATE: house.state,
    PATH: `${house.fakes}:${process.env.PATH}`,
  });
  expect(openPorts()).toEqual([80, 443]);
});

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
        extraPortMappings: [
          { containerPort: 80, hostPort: 80, listenAddress: '127.0.0.1', protocol: 'TCP' },
          { containerPort: 31443, hostPort: 443, listenAddress: '127.0.0.1', protocol: 'TCP' },
        ],
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

it('keeps what a healthy cluster holds, whatever call fails', () => {
  house.run('cluster-up', wanted);
  const data = house.container('kind-control-plane', 'kind');
  house.calls();
  expect(house.run('cluster-up', wanted)).toMatchObject(ok);
  const faults = allFaults(house.calls());
  expect(faults.length).toBeGreaterThan(15);
  for (const fault of faults) {
    house.breakAt(fault);
    house.run('cluster-up', wanted);
    expect([fault, existsSync(data)]).toEqual([fault, true]);
  }
  house.breakAt('');
  expect(house.run('cluster-up', wanted)).toMatchObject(ok);
});

it("leaves somebody else's cluster of the name alone, whatever call fails", () => {
  const data = house.container('kind-control-plane', 'kind');
  for (const fault of ['1', '1+', '2', '2+', '3']) {
    house.breakAt(`docker-ps:${fault}:exit`);
    expect([fault, house.run('cluster-up', wanted).code, existsSync(data)]).toEqual([fault, 1, true]);
  }
});

it.each([
  ['cluster-delete', { node: 'kind' }],
  ['machine-delete', { node: 'kind-worker' }],
  ['machine-stop', { node: 'kind-worker', how: 'clean' }],
  ['host-release', {}],
] as const)('%s never forgets what it could not do, whatever call fails', (script, input) => {
  // Laid as the scripts leave it: making it takes longer than all the rest.
  const before = (): void => {
    house.sandbox.write(`host/${uid}/owner.json`, { uid });
    if (script === 'host-release') return void house.container(`flotilla-${uid}-registry`, '');
    for (const { name } of nodes) {
      house.container(name, 'kind');
      house.sandbox.write(`${deployment}/nodes/${name}.json`, { uid, cluster: 'kind', node: name });
    }
    house.sandbox.write(`host/${uid}/clusters/kind.json`, { uid, cluster: 'kind', stage: 'made' });
  };
  const isDone = (): boolean =>
    script === 'machine-stop'
      ? readFileSync(join(house.state, 'containers/kind-worker/state'), 'utf8') === 'exited\n'
      : !house
          .containers()
          .some((name) =>
            script === 'machine-delete' ? name === 'kind-worker' : name.startsWith(script === 'host-release' ? 'flotilla' : 'kind'),
          );
  before();
  expect([house.run(script, input).code, isDone()]).toEqual([0, true]);
  for (const fault of allFaults(house.calls())) {
    before();
    house.breakAt(fault);
    const { code } = house.run(script, input);
    if (code === 0) expect([fault, isDone()]).toEqual([fault, true]);
    house.breakAt('');
    expect([fault, house.run(script, input).code, isDone()]).toEqual([fault, 0, true]);
  }
});

it.each([
  [
    'one worker more',
    { nodes: [...nodes, { name: 'kind-worker2', role: 'worker' }] },
    /nodes is \["kind-control-plane","kind-worker"\], wanted is \[.*"kind-worker2"\]/,
  ],
  ['another image', { image: 'kindest/node:v1.36.1' }, /image is "kindest\/node:v1\.35\.0@sha256:aa", wanted is "kindest\/node:v1\.36\.1"/],
  ['other addresses of pods', { podCidr: '10.9.0.0/16' }, /podCidr is "10\.1\.0\.0\/16", wanted is "10\.9\.0\.0\/16"/],
])('refuses %s, which kind could only give to a cluster without data', (_what, change, words) => {
  house.run('cluster-up', wanted);
  const before = readFileSync(join(house.sandbox.deployment, 'nodes/kind-worker.json'), 'utf8');
  house.calls();
  const { code, stderr } = house.run('cluster-up', { ...wanted, ...change });
  expect(code).toBe(1);
  expect(stderr).toMatch(words);
  expect(stderr).toContain('npx flotilla destroy, then npx flotilla up');
  expect(house.calls().filter((call) => /^kind-(create|delete)/.test(call))).toEqual([]);
  expect(readFileSync(join(house.sandbox.deployment, 'nodes/kind-worker.json'), 'utf8')).toBe(before);
  expect(house.run('cluster-up', wanted)).toMatchObject(ok);
});

describe('ports of the host', () => {
  const more = { ...wanted, hostPorts: [...wanted.hostPorts, { host: 30300, node: 30300 }] };
  const record = () => JSON.parse(readFileSync(join(house.sandbox.deployment, 'nodes/kind-control-plane.json'), 'utf8')).hostPorts;
  const asMade = [
    { host: 80, node: 80 },
    { host: 443, node: 31443 },
  ];

  it('that the fleet file names later leave a running cluster as it is, with its data, and are not recorded as published', () => {
    house.run('cluster-up', wanted);
    expect(record()).toEqual(asMade);
    house.calls();
    for (const _ of [1, 2]) {
      expect(house.run('cluster-up', more)).toMatchObject(ok);
      expect(record()).toEqual(asMade);
    }
    expect(house.calls().filter((call) => /^kind-(create|delete)/.test(call))).toEqual([]);
    // Made anew, the cluster has them.
    house.run('cluster-delete', { node: 'kind' });
    expect(house.run('cluster-up', more)).toMatchObject(ok);
    expect(record()).toEqual([...asMade, { host: 30300, node: 30300 }]);
  });

  it('that the fleet file no longer names are refused: kind cannot take them away', () => {
    house.run('cluster-up', more);
    expect(house.run('cluster-up', wanted)).toMatchObject({ code: 1, stderr: expect.stringContaining('kind cannot change the cluster') });
  });
});

it('refuses to make a cluster anew of which one node is gone, and makes one anew of which nothing is left', () => {
  house.run('cluster-up', wanted);
  rmSync(join(house.state, 'containers/kind-worker'), { recursive: true });
  expect(house.run('cluster-up', wanted).stderr).toContain('nodes is ["kind-control-plane"], wanted is');
  expect(house.containers()).toContain('kind-control-plane');
  rmSync(join(house.state, 'containers/kind-control-plane'), { recursive: true });
  expect(house.run('cluster-up', wanted)).toMatchObject(ok);
  expect(house.containers()).toEqual([`flotilla-${uid}-registry`, 'kind-control-plane', 'kind-worker']);
});

it('gives the registry another port with what was pushed to it, and is told each time when a port is taken', () => {
  house.sandbox.write('state/taken-5002', '');
  for (const _ of [1, 2])
    expect(house.run('cluster-up', wanted).stderr).toMatch(/port is already allocated[\s\S]*does not start at 127\.0\.0\.1:5002/);
  rmSync(join(house.state, 'taken-5002'));
  expect(house.run('cluster-up', wanted)).toMatchObject(ok);
  const pushed = house.sandbox.write(`state/volumes/flotilla-${uid}-registry/image`, 'pushed');
  const port = (): string => readFileSync(join(house.state, `containers/flotilla-${uid}-registry/port`), 'utf8');
  expect(port()).toBe('5002\n');
  expect(house.run('cluster-up', { ...wanted, registryPort: 5003 })).toMatchObject(ok);
  expect([port(), existsSync(pushed)]).toEqual(['5003\n', true]);
  house.run('cluster-delete', { node: 'kind' });
  expect(house.run('host-release')).toMatchObject(ok);
  expect(existsSync(pushed)).toBe(false);
});

it("leaves somebody else's cluster of the name alone", () => {
  house.container('kind-control-plane', 'kind');
  for (const [script, input] of [
    ['cluster-up', wanted],
    ['cluster-delete', { node: 'kind' }],
  ] as const)
    expect(house.run(script, input).stderr).toMatch(
      /a kind cluster of the name "kind" exists.*\n.*kind delete cluster --name kind; else give/,
    );
  expect(JSON.parse(house.run('machines').stdout)).toEqual({ machines: [] });
  expect(house.containers()).toEqual(['kind-control-plane']);
});

it('refuses names that kind would not give', () => {
  const named = [nodes[0]!, { name: 'worker-1', role: 'worker' }];
  expect(house.run('cluster-up', { ...wanted, nodes: named }).stderr).toContain('have names of their own: worker-1');
});
