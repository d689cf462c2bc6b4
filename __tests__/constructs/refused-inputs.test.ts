import '../../constructs/quiet-stack-traces';
import { join } from 'node:path';
import { App, TerraformStack, TerraformVariable, Testing, Token } from 'cdktf';
import type { Construct } from 'constructs';
import { UserError } from '../../config/problem';
import { accessScript } from '../../constructs/access-script';
import { AgentCluster } from '../../constructs/agent-cluster';
import { CiliumMesh } from '../../constructs/cilium-mesh';
import { ComponentSet } from '../../constructs/component-set';
import { deploymentContext, HostScript } from '../../constructs/host-script';
import { MultipassVm } from '../../constructs/multipass-vm';
import { TeardownMarker } from '../../constructs/teardown-marker';
import {
  kind,
  kubeadm,
  lease,
  list,
  machine,
  members,
  mesh,
  notYet,
  nspawn,
  number,
  observe,
  otherStack,
  pki,
  script,
  scripts,
  set,
  tart,
  text,
  variable,
} from '../support/construct-inputs';
import { cluster, edge, hub, platform, raw } from '../support/places';

type Row = readonly [title: string, make: (scope: Construct) => unknown, ...words: string[]];

const rows: readonly Row[] = [
  // Names in Terraform
  ['a construct id with a blank', script({}, 'a b'), '"a b"', 'no name in Terraform', 'letters, digits, _ and -'],
  ['a construct id that begins with a digit', script({}, '1x'), '"1x"', 'no name in Terraform'],
  ['a lease whose id is no name', lease({}, 'my lease'), '"my lease"', 'no name in Terraform'],
  ['a marker whose id is no name', (scope) => new TeardownMarker(scope, '-x', { uid: 'abc123', dependsOn: [] }), '"-x"'],
  ['a node that the lease does not hold', (scope) => lease()(scope).of('nope'), '"nope"', 'node-1'],
  ['a prefix that starts no name', set('net', { prefix: '9-' }), 'prefix 9-', 'does not start a name'],
  ['a component id that Helm takes for no release', set('My Net'), '"My Net"', 'Helm'],
  // Order across stacks
  [
    'a script of another stack',
    (scope) => script({ dependsOn: [script({}, 'first')(otherStack(scope))] })(scope),
    'other/first',
    'addDependency',
  ],
  [
    'a held node of another stack',
    (scope) => script({ dependsOn: [lease()(otherStack(scope)).of('node-1')] })(scope),
    'other/lease',
    'addDependency',
  ],
  [
    'a lease that waits for another stack',
    (scope) => lease({ dependsOn: [script({}, 'first')(otherStack(scope))] })(scope),
    'addDependency',
  ],
  [
    'a marker of things of another stack',
    (scope) => new TeardownMarker(scope, 'teardown', { uid: 'abc123', dependsOn: [script({}, 'first')(otherStack(scope))] }),
    'addDependency',
  ],
  ['a machine of another stack', (scope) => tart({ dependsOn: [script({}, 'first')(otherStack(scope))] })(scope), 'addDependency'],
  [
    'a component of another stack',
    (scope) => {
      const away = new ComponentSet(otherStack(scope), 'set', { uid: 'abc123', cluster: 'hub', kubeconfig: 'k', components: [raw('net')] });
      script({ dependsOn: [away.readyDependency('net')] })(scope);
    },
    'addDependency',
  ],
  // Scripts
  ['a script outside of what is shipped', script({ run: '../package.json' }), '../package.json', 'scripts/', 'absolute'],
  ['a script that is not there', script({ run: 'host/nope.sh' }), 'host/nope.sh', 'is no file'],
  ['a folder for a script', script({ run: 'host' }), 'host', 'is no file'],
  ['a script of the app that is not there', script({ run: join(scripts, 'nope.sh') }), 'nope.sh', 'is no file'],
  [
    'a script that sources what is not shipped',
    script({ run: join(scripts, 'sources outside', 'main.sh') }),
    'outside.sh',
    'is not shipped',
  ],
  ['a guest script outside of what is shipped', script({ handsOn: ['../../x.sh'] }), '../../x.sh', 'scripts/'],
  ['a release script that is not there', lease({ release: 'host/nope.sh' }), 'host/nope.sh', 'is no file'],
  ['scripts of a provider that are not there', tart({ scripts: 'host/nope' }), 'host/nope/machine-up.sh', 'is no file'],
  ['a script that Terraform would name', (scope) => script({ run: text(scope) })(scope), 'run', notYet],
  // Machines
  ['a uid of other letters', tart({ uid: 'ABC' }), 'uid ABC', 'six hex digits'],
  ['a lease with another uid', lease({ uid: 'xyz' }), 'uid xyz', 'six hex digits'],
  ['a node name with capitals', tart({ node: 'Hub_1' }), 'node Hub_1', 'DNS label', 'hub-1'],
  ['a node name that is too long', tart({ node: 'n'.repeat(60) }), 'has 60 characters', 'shorten it to 55'],
  ['a node that stands for an address', tart({ node: 'gateway' }), 'node gateway', 'rename the node'],
  ['part of a processor', tart({ cpus: 1.5 }), 'cpus 1.5', 'expected int'],
  ['memory that is no number', tart({ memoryMiB: Number.NaN }), 'memoryMiB NaN', 'memory in MiB'],
  ['too little memory', tart({ memoryMiB: 600 }), 'memoryMiB 600', 'too little for a control plane', '1700'],
  ['a disk without size', tart({ diskGiB: 0 }), 'diskGiB 0', '>=5'],
  ['a role that there is not', tart({ role: 'master' as never }), 'role master', 'worker'],
  ['a kubeconfig outside of the deployment', tart({ kubeconfig: '../../etc/kubeconfig' }), 'kubeconfig ../../etc/kubeconfig', "no '..'"],
  ['a kubeconfig with a quote', tart({ kubeconfig: 'a"b' }), 'kubeconfig', 'is no path below'],
  ['a network that Tart does not have', tart({ machineNetwork: 'wifi' }), 'machineNetwork wifi', 'softnet'],
  [
    'a network that Multipass does not have',
    (scope) => new MultipassVm(scope, 'vm', { ...machine, machineNetwork: 'wifi' }),
    'machineNetwork wifi',
  ],
  ['an address that is none', nspawn('10.77.0.300'), 'address 10.77.0.300', 'no IPv4 address'],
  ['an address outside of its network', nspawn('10.78.0.11'), 'address 10.78.0.11', 'outside of network 10.77.0.0/24'],
  ["the gateway's address", nspawn('10.77.0.1'), 'address 10.77.0.1', 'the gateway'],
  ['a bridge whose name is too long', nspawn('10.77.0.11', { bridge: 'a-very-long-bridge' }), 'a-very-long-bridge', '1 to 15'],
  ['several at once', tart({ uid: '', cpus: 0, node: 'A' }), 'uid', 'cpus 0', 'node A'],
  ['a name that only Terraform knows', (scope) => tart({ node: text(scope) })(scope), 'node', notYet, 'pass a literal'],
  ['a uid that only Terraform knows', (scope) => lease({ uid: text(scope) })(scope), 'uid', notYet],
  ['held nodes that only Terraform knows', (scope) => lease({ holds: list(scope) })(scope), 'holds', notYet],
  ['a lease that holds nothing', lease({ holds: [] }), 'holds', 'at least one'],
  ['a lease that holds one twice', lease({ holds: ['a', 'b', 'a'] }), 'holds', '"a"', 'twice'],
  // Clusters
  ['pods at a banana', kind({ podCidr: 'banana' }), 'podCidr banana', 'not an IPv4 CIDR'],
  ['pods where services are', kind({ podCidr: '10.96.128.0/17' }), '10.96.', 'overlaps'],
  ['services in too large a block', kind({ serviceCidr: '11.0.0.0/8' }), 'serviceCidr 11.0.0.0/8', '/12 to /28'],
  ['a port of the host that is none', kind({ hostPorts: [70000] }), 'hostPorts[0] 70000'],
  ['a port of the host twice', kind({ hostPorts: [80, { host: 80, node: 31080 }] }), 'hostPorts[1]', 'is taken by'],
  ['a registry at a port of the system', kind({ registryPort: 80 }), 'registryPort 80', '>=1024'],
  ['nodes that kind calls otherwise', kind({ nodes: [{ name: 'cp-1', role: 'control-plane' }] }), 'cp-1', 'write kind-control-plane'],
  ['a cluster without nodes', kind({ nodes: [] }), 'nodes', 'no control plane'],
  ['a version that only Terraform knows', (scope) => kubeadm({ kubernetesVersion: text(scope) })(scope), 'kubernetesVersion', notYet],
  ['a version that is none', kubeadm({ kubernetesVersion: 'latest' }), 'kubernetesVersion latest', 'such as 1.35.4'],
  ['a cluster name with a dot', kubeadm({ name: 'hub.a' }), 'name hub.a', 'DNS label'],
  ['an API at no port', kubeadm({ api: { name: 'a', port: 0 } }), 'api.port 0', '1 to 65535'],
  // Platforms
  ...[0, 256, 1.5].map((id): Row => [`the mesh id ${id}`, mesh({ id }), `cluster.id ${id}`, '1 to 255']),
  [
    'the mesh id of a peer',
    mesh({}, cluster('far', 300, 'agent', { podCidr: '10.9.0.0/16', serviceCidr: '10.8.0.0/16' })),
    'others[0].id 300',
  ],
  ['an id that only Terraform knows', (scope) => mesh({ id: number(scope) })(scope), 'cluster.id', notYet],
  ['pods that only Terraform knows', (scope) => mesh({ podCidr: text(scope) })(scope), 'cluster.podCidr', notYet],
  ['pods of a mesh at a banana', mesh({ podCidr: 'banana' }), 'cluster.podCidr banana', 'not an IPv4 CIDR'],
  ['301 members', (scope) => new CiliumMesh(platform(scope, hub, members(300)), 'mesh'), '301 clusters', '255'],
  ['a cluster name that Cilium refuses', mesh({ name: 'c'.repeat(33) }), 'cluster.name', 'Cilium takes 32'],
  ['a pool that ends before it begins', mesh({ loadBalancerPool: '10.0.0.9-10.0.0.1' }), 'cluster.loadBalancerPool', '<first>-<last>'],
  [
    'Hubble at a port of the system',
    (scope) => new CiliumMesh(platform(scope, hub), 'mesh', { hubblePort: 80 }),
    'hubblePort 80',
    '30000 to 32767',
  ],
  ['Grafana at a port of the system', observe({ grafanaPort: 80 }), 'grafanaPort 80', '30000 to 32767'],
  ['part of a day', observe({ keepDays: { metrics: 1.5 } }), 'keepDays.metrics 1.5', 'whole days'],
  ['days that are no number', observe({ keepDays: { logs: Number.NaN } }), 'keepDays.logs NaN', 'whole days'],
  ['days without end', observe({ keepDays: { traces: Number.POSITIVE_INFINITY } }), 'keepDays.traces Infinity'],
  ['days that only Terraform knows', (scope) => observe({ keepDays: { logs: number(scope) } })(scope), 'keepDays.logs', notYet],
  [
    'a webhook that leads outside of the folder',
    observe({ alertWebhook: { brought: '../..' } }),
    'alertWebhook',
    'letters, digits, - and _',
  ],
  [
    'a brought name that leads outside of the folder',
    pki({ userSecrets: { vault: ['../../etc'] } }),
    '../../etc',
    'letters, digits, - and _',
  ],
  ['values for a component that is not there', observe({ values: { velero: {} } }), 'values.velero', 'does not install velero'],
  ['values for a component that there never was', observe({ values: { grafanna: {} } }), 'grafanna', 'grafana'],
  ['a brought secret of a component that is not there', observe({ userSecrets: { velero: ['key'] } }), 'velero', 'does not install velero'],
  ['values that are no map', pki({ values: { vault: 'x' } }), 'values.vault'],
  [
    'a secret that only Terraform knows',
    (scope) => pki({ values: { vault: { adminPassword: text(scope) } } })(scope),
    'adminPassword',
    'secrets/brought',
  ],
  ['a domain of multicast', pki({ domain: 'lab.local' }), 'domain lab.local', 'multicast'],
  ['a domain that only Terraform knows', (scope) => pki({ domain: text(scope) })(scope), 'domain', notYet],
  ['one key of five', pki({ unseal: { shares: 5, threshold: 1 } }), 'threshold of 1'],
  ['part of a key', pki({ unseal: { shares: 2.5, threshold: 2 } }), 'unseal.shares 2.5'],
  ['part of an hour', pki({ maxHours: 0.5 }), 'maxHours 0.5', 'whole hours'],
  ['an agent among wrong clusters', (scope) => new AgentCluster(platform(scope, { ...edge, id: 0 }, [hub]), 'agent'), 'cluster.id 0'],
  // Parts of tokens
  [
    'a list that was spread',
    (scope) => script({ input: { all: ['a', ...list(scope)] } })(scope),
    'all.1',
    'part of a Terraform reference',
    'Fn.concat',
  ],
  [
    'a list of numbers that was spread',
    (scope) => script({ input: { all: [1, ...Token.asNumberList(variable(scope).value)] } })(scope),
    'all.1',
    'part of a Terraform reference',
  ],
  [
    'a map that was spread',
    (scope) => script({ input: { all: { a: 1, ...(Token.asStringMap(variable(scope).value) as object) } } })(scope),
    'all',
    'among its keys',
    'Fn.merge',
  ],
  [
    'a reference that was cut',
    (scope) => script({ input: { short: text(scope).slice(0, 12) } })(scope),
    'short',
    'part of a Terraform reference',
  ],
  ['a reference as a key', (scope) => script({ input: { [text(scope)]: 1 } })(scope), 'among its keys'],
  ['a password in the input of a script', (scope) => script({ input: { password: text(scope) } })(scope), 'input.password', 'state'],
  [
    'a sensitive variable in the input of a script',
    (scope) => script({ input: { word: new TerraformVariable(scope, 'pass', { sensitive: true }).stringValue } })(scope),
    'variable pass, which is sensitive',
    'pass the path of that file',
  ],
  [
    'a sensitive variable among values',
    (scope) => observe({ values: { grafana: { x: `a ${new TerraformVariable(scope, 'pass', { sensitive: true }).stringValue}` } } })(scope),
    'variable pass, which is sensitive',
  ],
  // What JSON would change in silence
  ['an input that is no number', script({ input: { a: [Number.NaN] } }), 'a.0', 'is NaN'],
  ['an input without end', script({ input: { a: Number.POSITIVE_INFINITY } }), 'is Infinity'],
  ['an input too large for a number', script({ input: { a: 10n } }), 'bigint'],
  ['an input that is a function', script({ input: { a: () => 1 } }), 'function'],
  ['an input that is a map of JavaScript', script({ input: { a: new Map([['b', 1]]) } }), 'is a Map'],
  ['a construct for an input', (scope) => script({ input: { node: lease()(scope) } })(scope), 'node', 'pass one of its attributes'],
  [
    'an input that holds itself',
    (scope) => {
      const ring: Record<string, unknown> = {};
      ring.a = { ring };
      script({ input: { ring } })(scope);
    },
    'ring.a.ring',
    'holds itself',
  ],
  ['values that JSON does not have', observe({ values: { grafana: { replicas: Number.NaN } } }), 'replicas', 'is NaN'],
  ['a webhook that is no URL', observe({ alertWebhook: 'pager' }), 'alertWebhook pager', 'https://'],
  ['a client with a kubeconfig outside of the deployment', (scope) => pki({})(scope).admit(edge, '../edge'), 'kubeconfig ../edge'],
  [
    'a client with an id that Cilium does not take',
    (scope) => pki({})(scope).admit({ ...edge, id: 256 }, 'kubeconfig/edge'),
    'client.id 256',
  ],
  [
    'access by a kubeconfig with a quote',
    (scope) => accessScript(scope, 'access', { script: 'host/ssh-key.sh', input: {}, clientKubeconfig: 'a"b' }),
    'is no path below',
  ],
];

/** What is said when an app with this is synthesized; empty when it passes. */
function complaint(make: (scope: Construct) => unknown, context: Record<string, unknown> = {}): unknown {
  const app = new App({ outdir: Testing.app().outdir, context });
  const stack = new TerraformStack(app, 'stack');
  try {
    make(stack);
    Testing.synth(stack);
    return null;
  } catch (error) {
    return error;
  }
}

test.each(rows.map(([title, make, ...words]) => ({ title, make, words })))('$title is refused', ({ make, words }) => {
  const error = complaint(make);
  expect(error).toBeInstanceOf(UserError);
  for (const word of words) expect((error as Error).message).toContain(word);
});

describe('a secret is not shown by what refuses it', () => {
  const token = 'ghp_0123456789abcdefghijklmnopqrstuvwxyzAB';
  const misplaced: readonly Row[] = [
    ['among values', pki({ values: { vault: { token } } })],
    ['for a number', tart({ memoryMiB: token as never })],
    ['for a name', tart({ node: token })],
    ['for a path', tart({ kubeconfig: `${token}/` })],
    ['for a CIDR', kind({ podCidr: token })],
    ['for a cluster', kubeadm({ name: token, nodes: [] })],
    ['for a webhook', observe({ alertWebhook: token })],
    ['for a brought name', pki({ userSecrets: { vault: [`${token}/`] } })],
    ['for a script', script({ run: token })],
    ['for a held node', (scope) => lease()(scope).of(token)],
    ['in a list of domains', pki({ allowedDomains: token })],
  ];
  test.each(misplaced.map(([title, make]) => ({ title, make })))('$title', ({ make }) => {
    const error = complaint(make);
    expect(error).toBeInstanceOf(UserError);
    for (const part of [token.slice(4, 20), token.slice(-16)])
      expect((error as Error).message.toLowerCase()).not.toContain(part.toLowerCase());
  });
});

test.each(['a"b', 'a${b}', 'a\nb', '', 7])('a deployment at %j is refused: it stands in expressions', (folder) => {
  expect(complaint(script({}), { [deploymentContext]: folder })).toBeInstanceOf(UserError);
});

describe('what is right passes', () => {
  const good: readonly Row[] = [
    ['a path that goes out and in again', script({ run: 'host/../../scripts/host/ssh-key.sh' })],
    ['a script of the app', script({ run: join(scripts, 'say hello.sh') })],
    ['ids as Terraform has them', script({}, '_a-9')],
    [
      'a node that DHCP gives its address',
      kubeadm({ nodes: [{ name: 'a', role: 'control-plane', address: 'leased(a)', machine: { fqn: 'x.y' } }] }),
    ],
    ['the ids 1 and 255', mesh({ id: 1 }, cluster('far', 255, 'agent', { podCidr: '10.9.0.0/16', serviceCidr: '10.8.0.0/16' }))],
    ['nodes named by a cloud', mesh({ nodes: [{ ...hub.nodes[0]!, name: 'ip-10-0-0-1.eu-west-1.compute.internal' }] })],
    [
      'the service addresses that kubeadm gives every cluster',
      mesh({ podCidr: '10.244.0.0/17', serviceCidr: '10.96.0.0/12' }, { ...edge, podCidr: '10.244.128.0/17', serviceCidr: '10.96.0.0/12' }),
    ],
    ['the first and the last port', observe({ grafanaPort: 32767, keepDays: { metrics: 1 } })],
    ['values for what is there', observe({ values: { grafana: { replicas: 1 } } })],
    ['one key of one', pki({ unseal: { shares: 1, threshold: 1 } })],
    ['a path to the deployment', script({})],
  ];
  test.each(good.map(([title, make]) => ({ title, make })))('$title', ({ make }) => {
    expect(complaint(make, { [deploymentContext]: '../../../.fleet' })).toBeNull();
  });
});

test('a script whose name has a blank or a quote is quoted', () => {
  const stack = new TerraformStack(Testing.app(), 'stack');
  for (const [id, file] of Object.entries({ blank: 'say hello.sh', quote: "it's ${me}.sh" }))
    new HostScript(stack, id, { run: join(scripts, file), input: {} });
  const { resource } = JSON.parse(Testing.synth(stack));
  const command = (id: string): string => resource.null_resource[id].provisioner[0]['local-exec'].command;
  expect(command('blank')).toMatch(/^bash 'assets\/[\w-]+\/\w+\/say hello\.sh'$/);
  expect(command('quote')).toMatch(/^bash 'assets\/[\w-]+\/\w+\/it'\\''s \$\$\{me\}\.sh'$/);
});
