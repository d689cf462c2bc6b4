import { cpSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { repository } from '../../support/checkout';
import { providerMirror } from '../../support/clone';
import { ForeignProject } from '../../support/foreign-project';

type Stack = { resource: Record<string, Record<string, Record<string, unknown>>> };

let project: ForeignProject;
let mirror: string;

beforeAll(async () => {
  mirror = await providerMirror();
  project = new ForeignProject();
  cpSync(join(__dirname, 'app'), project.folder, { recursive: true });
  const compilerOptions = {
    target: 'ES2022',
    module: 'NodeNext',
    strict: true,
    noUncheckedIndexedAccess: true,
    exactOptionalPropertyTypes: true,
    skipLibCheck: false,
    types: ['node'],
    rootDir: '.',
  };
  project.write('tsconfig.json', JSON.stringify({ compilerOptions, files: ['main.ts'] }));
}, 900_000);
afterAll(() => project?.dispose());

const succeeded = ({ code, text }: { code: number | null; text: string }): string => {
  if (code !== 0) throw new Error(`exit code ${code}: ${text.slice(0, 4000)}`);
  return text;
};

const stackOf = (output: string, name: string): Stack =>
  JSON.parse(readFileSync(join(project.folder, output, 'stacks', name, 'cdk.tf.json'), 'utf8'));

/** Address and what it waits for, a line each. */
const lines = ({ resource }: Stack): string[] =>
  Object.entries(resource).flatMap(([type, named]) =>
    Object.entries(named).map(([name, { depends_on: needs = [] }]) => `${type}.${name} <- ${(needs as string[]).join(' ')}`),
  );

describe('the tarball', () => {
  test('holds what runs and what is run, and no source of ours', () => {
    const files = project.packed.map((file) => file.replace(/^package\//, ''));
    for (const needed of [
      'dist/index.js',
      'dist/index.d.ts',
      'dist/model/index.d.ts',
      'dist/main.js',
      'cli/bin.cjs',
      'scripts/host/join.sh',
    ])
      expect(files).toContain(needed);
    for (const needed of [
      'charts/manifests/Chart.yaml',
      'fleets/lab.yaml',
      'components/files/demo-serve.sh',
      'artifacts/sources/etcd/go.mod',
    ])
      expect(files).toContain(needed);
    expect(files.filter((file) => /(?<!\.d)\.ts$/.test(file) || /(^|\/)(__tests__|node_modules|\.flotilla)\//.test(file))).toEqual([]);
  });

  test('exports every construct that there is', () => {
    const classes = readdirSync(join(repository, 'constructs')).flatMap((file) =>
      [...readFileSync(join(repository, 'constructs', file), 'utf8').matchAll(/^export class (\w+) extends Construct/gm)].map(
        ([, name]) => name!,
      ),
    );
    const exported = succeeded(project.run('node', ['-p', 'Object.keys(require("flotilla")).join(" ")']))
      .trim()
      .split(' ');
    expect(classes.length).toBeGreaterThan(5);
    expect(exported).toEqual(expect.arrayContaining(classes));
  });

  test('brings its command along', () => {
    expect(succeeded(project.run('npx', ['flotilla', 'validate', '--fleet', 'lab']))).toMatch(/^lab: 2 clusters/m);
    // Nothing of the project's is kept in the package: the next `npm ci` would throw it away.
    const model = JSON.parse(succeeded(project.run('npx', ['--silent', 'flotilla', 'model', '--json'])));
    expect(model.clusters.map(({ name }: { name: string }) => name)).toEqual(['hub', 'edge']);
    expect(readdirSync(join(project.folder, 'node_modules', 'flotilla'))).not.toContain('.flotilla');
  });
});

test('importing it writes nothing, starts nothing and changes nothing of the framework', () => {
  const watch = `
    const traces = require('cdktf/lib/tokens/private/stack-trace'); const before = traces.captureStackTrace;
    const seen = [];
    const spy = (module, names) => { for (const name of names) { const real = module[name]; module[name] = (...given) => { seen.push(name + ' ' + given[0]); return real(...given); }; } };
    require('cdktf'); require('constructs');
    spy(require('node:fs'), ['writeFileSync', 'appendFileSync', 'mkdirSync', 'mkdtempSync', 'rmSync', 'renameSync', 'symlinkSync', 'copyFileSync', 'writeFile', 'mkdir', 'createWriteStream']);
    spy(require('node:child_process'), ['spawn', 'spawnSync', 'exec', 'execSync', 'execFile', 'execFileSync', 'fork']);
    const environment = JSON.stringify(process.env);
    SABOTAGE
    require('flotilla'); require('flotilla/model');
    if (traces.captureStackTrace !== before) seen.push('stack traces of cdktf');
    if (JSON.stringify(process.env) !== environment) seen.push('environment');
    console.log(JSON.stringify(seen));`;
  const seen = (sabotage: string): string[] => JSON.parse(succeeded(project.run('node', ['-e', watch.replace('SABOTAGE', sabotage)])));
  expect(seen('')).toEqual([]);
  // The watch itself: what our own program does is seen.
  expect(seen('require("./node_modules/flotilla/dist/constructs/quiet-stack-traces");')).toEqual(['stack traces of cdktf']);
  expect(seen('require("node:fs").writeFileSync("written", "");')).toEqual(['writeFileSync written']);
});

describe('an app of somebody else', () => {
  const machines = ['nspawn-vm', 'tart-vm', 'multipass-vm', 'kind-cluster'];
  const names = ['host-script', 'own-script', 'lease', 'teardown-marker', ...machines, 'kubeadm-cluster', 'component-set'];
  const platforms = ['cilium-mesh', 'vault-pki', 'observability-hub', 'agent-cluster'];

  beforeAll(() => {
    succeeded(project.run('npx', ['tsc', '-p', '.']));
    succeeded(project.run('node', ['main.js', 'cdktf.out']));
    succeeded(project.run('node', ['main.js', 'deeper.out', '3']));
  }, 300_000);

  test('a mistake in its use is a type error', () => {
    project.write('wrong.ts', "import { Lease } from 'flotilla';\nexport const wrong = new Lease(null as never, 'lease', { uid: 1 });\n");
    project.write('tsconfig.wrong.json', JSON.stringify({ extends: './tsconfig.json', files: ['wrong.ts'] }));
    const { code, text } = project.run('npx', ['tsc', '--noEmit', '-p', 'tsconfig.wrong.json']);
    expect(code).not.toBe(0);
    expect(text).toMatch(/wrong\.ts.*TS2\d+/);
  });

  test.each(names)('%s becomes this, alone and beside one that differs', (name) => {
    const [alone, two] = [lines(stackOf('cdktf.out', name)), lines(stackOf('cdktf.out', `two-${name}`))];
    expect(two).toEqual(expect.arrayContaining(alone));
    expect(new Set(two).size).toBe(2 * alone.length);
    expect(alone).toMatchSnapshot();
  });

  test.each([
    ['cilium-mesh', ['cilium <- gate-gateway-api-crds secrets-cilium', 'gateway <- gate-node-port namespace-gateway-system']],
    ['vault-pki', ['vault-issuer <- gate-vault', 'external-secrets-store <- gate-external-secrets']],
    ['observability-hub', ['kube-prometheus-stack <- gate-thanos', 'otel-collector <- gate-loki gate-tempo']],
    [
      'agent-cluster',
      [
        'otel-collector <- namespace-monitoring',
        // As in a fleet, network policies come after everything else, the hub's services too.
        'default-deny <- otel-collector gate-kube-prometheus-stack loki-fleet tempo-fleet thanos-fleet',
      ],
    ],
  ])('%s installs its part in order, alone and beside one that differs', (name, edges) => {
    const [alone, two] = [lines(stackOf('cdktf.out', name)), lines(stackOf('cdktf.out', `two-${name}`))];
    expect(two).toEqual(expect.arrayContaining(alone));
    for (const [place, told] of [
      [1, alone],
      [2, two],
    ] as const) {
      const own = told.filter((line) => line.includes(`-${place}-`)).map((line) => line.replace(/\w+\.(hub|edge)-\d-/g, ''));
      for (const edge of edges) expect(own.map((line) => line.split(' ').sort().join(' '))).toContain(edge.split(' ').sort().join(' '));
    }
  });

  test('components of its own: what the hub serves is known on the agent, and nothing there waits for it', () => {
    const [shop, till] = ['shop-platform', 'till-platform'].map((name) => lines(stackOf('cdktf.out', name)));
    expect(shop).toContain('helm_release.cache <- null_resource.gate-local-path null_resource.secrets-cache');
    expect(shop).toContain(
      'null_resource.secrets-cache <- kubernetes_limit_range_v1.limits-cache kubernetes_resource_quota_v1.quota-cache',
    );
    expect(till).toContain('helm_release.cache-fleet <- kubernetes_namespace_v1.namespace-cache');
    expect(till).toContain('helm_release.cart <- null_resource.gate-bridge-cni kubernetes_namespace_v1.namespace-cart');
    const needs = JSON.stringify(stackOf('cdktf.out', 'till-platform').resource.null_resource);
    expect(needs).not.toContain('cache-login');
  });

  test('moving a construct changes no address', () => {
    for (const name of [...names, ...platforms]) expect(lines(stackOf('deeper.out', name))).toEqual(lines(stackOf('cdktf.out', name)));
  });

  test('two charts of one name keep their versions, releases their providers', () => {
    const { resource } = stackOf('cdktf.out', 'two-component-set');
    const releases = Object.values(resource.helm_release!).map(({ version, provider }) => `${version} ${provider}`);
    expect(releases).toEqual(expect.arrayContaining(['1.1.0 helm.cluster-1', '1.2.0 helm.cluster-2']));
  });

  test('two of the same name in one stack are refused', () => {
    const clash = `const { App, TerraformStack } = require('cdktf'); const { Construct } = require('constructs'); const { Lease } = require('flotilla');
      const stack = new TerraformStack(new App({ outdir: 'clash.out' }), 'clash');
      for (const place of ['a', 'b']) new Lease(new Construct(stack, place), 'lease', { uid: 'abc123', holds: [place], release: 'host/node-destroy.sh' });`;
    const { code, text } = project.run('node', ['-e', clash]);
    expect(code).not.toBe(0);
    expect(text).toMatch(/null_resource\.lease is in stack "clash" already/);
  });

  test('a script whose folder holds the output is refused, not copied without end', () => {
    const inside = `const { App, TerraformStack } = require('cdktf'); const { HostScript } = require('flotilla');
      new HostScript(new TerraformStack(new App({ outdir: 'own/cdktf.out' }), 'inside'), 'own', { run: __dirname + '/own/greet.sh', input: {} });`;
    const { code, text } = project.run('node', ['-e', inside.replace('__dirname', 'process.cwd()')]);
    expect(code).not.toBe(0);
    expect(text).toMatch(/move it into a folder that holds scripts only/);
  });

  test('its deployment may be elsewhere', () => {
    succeeded(project.run('node', ['main.js', 'elsewhere.out'], { ELSEWHERE: '../../../fleet' }));
    const { resource } = stackOf('elsewhere.out', 'host-script');
    expect(JSON.stringify(resource)).toContain('\\"deployment\\":\\"../../../fleet\\"');
  });

  test('Terraform finds every stack valid', async () => {
    project.write('terraform.rc', `provider_installation {\n  filesystem_mirror {\n    path = ${JSON.stringify(mirror)}\n  }\n}\n`);
    const environment = { TF_CLI_CONFIG_FILE: join(project.folder, 'terraform.rc') };
    const stacks = readdirSync(join(project.folder, 'cdktf.out', 'stacks'));
    expect(stacks).toEqual(
      expect.arrayContaining([
        ...[...names, ...platforms].flatMap((name) => [name, `two-${name}`]),
        ...['foundation', 'shop', 'shop-platform', 'till', 'till-platform'],
      ]),
    );
    for (const stack of stacks) {
      const at = `-chdir=cdktf.out/stacks/${stack}`;
      succeeded(project.run('terraform', [at, 'init', '-backend=false', '-input=false', '-no-color'], environment));
      expect(JSON.parse(project.run('terraform', [at, 'validate', '-json'], environment).text)).toMatchObject({
        valid: true,
        error_count: 0,
      });
    }
  });
});
