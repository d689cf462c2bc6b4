import { spawnSync } from 'node:child_process';
import {
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { libraryExamples } from '../../docs/examples';
import { cdktfCommand, makeClone, providerMirror } from '../../support/clone';
import { template } from './cdktf-template';

const { apps, commands, script, manifest } = libraryExamples();
const root = mkdtempSync(join(tmpdir(), 'flotilla-guide-'));
const app = join(root, 'my-app');

/** Variables whose values no quoting of JSON by hand would survive. */
const tokens = `/// <reference types="node" />
import { NullProvider } from '@cdktf/provider-null/lib/provider';
import { App, Fn, TerraformStack, TerraformVariable } from 'cdktf';
import { deploymentContext, HostScript, settle } from 'flotilla';

const app = new App({ context: { [deploymentContext]: '../../../.fleet' } });
const stack = new TerraformStack(app, 'tokens');
settle(stack, ['null']);
new NullProvider(stack, 'null');
const text = new TerraformVariable(stack, 'text', { type: 'string', default: 'a "b" \\\\ c\\nd' });
const size = new TerraformVariable(stack, 'size', { type: 'number', default: 4096 });
const zones = new TerraformVariable(stack, 'zones', { type: 'list(string)', default: ['x', 'y'] });
const first = new HostScript(stack, 'first', { run: \`\${__dirname}/scripts/keep.sh\`, input: { file: 'first' } });
new HostScript(stack, 'keep', {
  run: \`\${__dirname}/scripts/keep.sh\`,
  input: {
    file: 'kept',
    text: text.stringValue,
    around: \`"\${text.stringValue}" costs $\${size.numberValue} \${'$'}{me} %{if}\`,
    size: size.numberValue,
    zones: zones.listValue,
    last: Fn.element(zones.listValue, 1),
    literal: '\${HOME} %{if}',
  },
  dependsOn: [first],
});
app.synth();
`;
const keep = `#!/usr/bin/env bash
# Keeps its INPUT, {file, …}, beside the state. Safe to run twice.
set -euo pipefail
jq . <<<"$INPUT" >"../../../.fleet/$(jq -r .file <<<"$INPUT").json"
`;

let environment: NodeJS.ProcessEnv;

/** Runs a program in the app. @returns what it printed @throws Error when it fails */
function run(program: string, args: readonly string[], cwd = app): string {
  const { status, stdout, stderr } = spawnSync(program, args, { cwd, env: environment, encoding: 'utf8' });
  if (status !== 0) throw new Error(`${program} ${args.join(' ')}: exit code ${status}: ${(stdout + stderr).slice(0, 4000)}`);
  return stdout + stderr;
}
const stackOf = (name: string, folder = app) => JSON.parse(readFileSync(join(folder, 'cdktf.out', 'stacks', name, 'cdk.tf.json'), 'utf8'));

beforeAll(async () => {
  const mirror = await providerMirror();
  const { FLOTILLA_FLEET: _fleet, FLOTILLA_OVERLAY: _overlay, ...ours } = process.env;
  environment = { ...ours, CI: '1', CHECKPOINT_DISABLE: '1', CDKTF_HOME: root, TF_CLI_CONFIG_FILE: join(root, 'terraform.rc') };
  writeFileSync(
    join(root, 'terraform.rc'),
    `provider_installation {\n  filesystem_mirror {\n    path = ${JSON.stringify(mirror)}\n  }\n}\n`,
  );
  renameSync(makeClone(), join(root, 'flotilla'));
  mkdirSync(join(app, 'scripts'), { recursive: true });
  for (const [file, content] of Object.entries(template)) writeFileSync(join(app, file), JSON.stringify(content));
  run('bash', ['-euo', 'pipefail', '-c', commands], root);
  // As the template does, with the compiler that is the newest of its kind for ts-node, and with the newest of all.
  const compilers = ['typescript@5.9.3', 'typescript-7@npm:typescript@7.0.2', 'ts-node@10.9.2', '@types/node@20.19.43'];
  run('npm', ['install', '--save-dev', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error', ...compilers]);
  const files = {
    'fleet.ts': apps[0]!,
    'platform.ts': apps[1]!,
    'main.ts': apps[2]!,
    'tokens.ts': tokens,
    'scripts/greet.sh': script,
    'scripts/keep.sh': keep,
  };
  for (const [file, text] of Object.entries(files)) writeFileSync(join(app, file), text);
  copyFileSync(join(__dirname, 'app', 'components.ts'), join(app, 'components.ts'));
}, 900_000);
afterAll(() => rmSync(root, { recursive: true, force: true }));

describe("the examples under cdktf's own template", () => {
  test('compile, by the compiler that ts-node takes and by the newest', () => {
    run('npx', ['tsc']);
    run('node', ['node_modules/typescript-7/bin/tsc', '--noEmit', '--incremental', 'false']);
  });

  test('a name that the package does not export is an error, also of flotilla/model', () => {
    writeFileSync(join(app, 'wrong.ts'), "import { nothing } from 'flotilla/model';\nexport const wrong = nothing;\n");
    try {
      expect(() => run('npx', ['tsc', '--noEmit', '--incremental', 'false'])).toThrow(/wrong\.ts.*TS2305/);
    } finally {
      rmSync(join(app, 'wrong.ts'));
    }
  });

  test('the app with a script is applied by Terraform, and its script runs', () => {
    run('npx', ['ts-node', 'main.ts']);
    const at = '-chdir=cdktf.out/stacks/lab';
    run('terraform', [at, 'init', '-input=false', '-no-color']);
    expect(run('terraform', [at, 'apply', '-auto-approve', '-input=false', '-no-color'])).toContain('hello world');
    expect(existsSync(join(app, '.fleet', 'state', 'lab.tfstate'))).toBe(true);
  });

  test("cdktf's command synthesizes it too", () => {
    rmSync(join(app, 'cdktf.out'), { recursive: true });
    run('node', [cdktfCommand(), 'synth']);
    expect(Object.keys(stackOf('lab').resource.null_resource).sort()).toEqual(['greet', 'lease']);
  });

  test.each([
    ['fleet', ['mgmt', 'mgmt-platform', 'edge-platform']],
    ['platform', ['hub-platform']],
  ])('every stack of the app %s is valid to Terraform', (name, needed) => {
    rmSync(join(app, 'cdktf.out'), { recursive: true, force: true });
    run('node', [`${name}.js`]);
    const stacks = readdirSync(join(app, 'cdktf.out', 'stacks'));
    expect(stacks).toEqual(expect.arrayContaining(needed));
    for (const stack of stacks) {
      const at = `-chdir=cdktf.out/stacks/${stack}`;
      run('terraform', [at, 'init', '-backend=false', '-input=false', '-no-color']);
      expect(JSON.parse(run('terraform', [at, 'validate', '-json']))).toMatchObject({ valid: true, error_count: 0 });
    }
  });

  test('tokens arrive in a script as what they stand for, whatever is in them', () => {
    run('node', ['tokens.js']);
    const at = '-chdir=cdktf.out/stacks/tokens';
    run('terraform', [at, 'init', '-input=false', '-no-color']);
    run('terraform', [at, 'apply', '-auto-approve', '-input=false', '-no-color']);
    const text = 'a "b" \\ c\nd';
    expect(JSON.parse(readFileSync(join(app, '.fleet', 'kept.json'), 'utf8'))).toEqual({
      deployment: '../../../.fleet',
      file: 'kept',
      text,
      around: `"${text}" costs $4096 \${me} %{if}`,
      size: 4096,
      zones: ['x', 'y'],
      last: 'y',
      literal: '${HOME} %{if}',
    });
  });
});

test('with cdktn in the place of cdktf, as the guide says, the same app makes the same resources', () => {
  const fork = join(root, 'my-fork');
  mkdirSync(fork);
  writeFileSync(join(fork, 'package.json'), manifest);
  writeFileSync(join(fork, 'cdktf.json'), JSON.stringify(template['cdktf.json']));
  run('npm', ['install', '--no-audit', '--no-fund', '--loglevel=error'], fork);
  run('npx', ['tsc']);
  for (const file of ['main.js', 'tokens.js']) copyFileSync(join(app, file), join(fork, file));
  cpSync(join(app, 'scripts'), join(fork, 'scripts'), { recursive: true });
  for (const [file, name] of [
    ['main.js', 'lab'],
    ['tokens.js', 'tokens'],
  ] as const) {
    run('node', [file], fork);
    run('node', [file]);
    // The scripts are found by their absolute path, which is in the name of the folder that is shipped.
    const resources = (folder: string): string =>
      JSON.stringify(stackOf(name, folder).resource).replaceAll(/scripts-[0-9a-f]{8}\/\w+/g, 'scripts');
    expect(resources(fork)).toBe(resources(app));
  }
  expect(JSON.parse(readFileSync(join(fork, 'node_modules', 'cdktf', 'package.json'), 'utf8')).name).toBe('cdktn');
});
