import {
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fakes } from '../../support/checkout';
import { cdktfCommand, FakeHost, providerMirror, type Said } from '../../support/clone';
import { waitUntil } from '../../support/terraform-lab';

const cluster = (name: string, id: number): string =>
  [
    `  - name: ${name}`,
    `    id: ${id}`,
    '    role: standalone',
    '    components: { remove: [local-path, metrics-server] }',
    `    nodes: [{ name: ${name}-cp-1, role: control-plane, memoryMiB: 1700 }]`,
  ].join('\n');
// Networks that no real lab beside takes.
const fleetOf = (third: number, ...clusters: string[]): string =>
  `budget: { memoryMiB: 8192 }\nnetwork: 10.94.${third}.0/24\nclusters:\n${clusters.join('\n')}\n`;
const two = fleetOf(1, cluster('left', 1), cluster('right', 2));

const noChanges = /No changes\. Your infrastructure matches the configuration/;
const stacks = ['foundation', 'left', 'right', 'left-platform', 'right-platform'];

let host: FakeHost;
let cdktf: (...args: string[]) => Promise<Said>;

beforeAll(async () => {
  const command = cdktfCommand();
  host = new FakeHost(two, await providerMirror());
  cdktf = (...args) => host.run(process.execPath, [command, ...args]);
}, 900_000);
// One that failed must not leave the next one waiting.
afterEach(() => host.goOn());
afterAll(() => host?.dispose());

const done = (said: Said): Said => {
  if (said.code !== 0) throw new Error(`exit code ${said.code}:\n${said.text}`);
  return said;
};

test('cdktf synth works before flotilla prepare, and prepares nothing', async () => {
  done(await cdktf('synth'));
  expect(readdirSync(join(host.root, 'cdktf.out', 'stacks')).sort()).toEqual([...stacks].sort());
  expect(existsSync(join(host.deployment, 'sources.json'))).toBe(false);
  expect((await host.flotilla('synth')).text).toContain('run "npx flotilla prepare --fleet two" first');
});

test('cdktf deploys a fleet that flotilla prepared, and flotilla finds nothing to do', async () => {
  done(await host.flotilla('prepare'));
  expect(host.machines()).toEqual([]);
  done(await cdktf('synth'));
  expect(readlinkSync(join(host.root, 'cdktf.out'))).toBe(join('.flotilla', 'two@fake', 'cdktf.out'));
  expect(readdirSync(join(host.root, 'cdktf.out', 'stacks')).sort()).toEqual([...stacks].sort());
  expect((await cdktf('diff', 'left')).text).toMatch(/Plan: \d+ to add, 0 to change, 0 to destroy/);
  done(await cdktf('deploy', 'foundation', 'left', 'left-platform', '--auto-approve'));
  expect(host.machines()).toEqual(['left-cp-1']);
  const { code, text } = await host.flotilla('diff');
  expect(text).toMatch(/^left: no changes$/m);
  expect(text).toMatch(/^right: [1-9]\d* changes$/m);
  expect(code).toBe(3);
});

test('flotilla takes down what cdktf alone has raised', async () => {
  done(await host.flotilla('destroy', '--yes'));
  expect(host.machines()).toEqual([]);
  // `destroy` keeps only the logs: it also removes the record of what was prepared.
  done(await host.flotilla('prepare'));
  done(await cdktf('deploy', 'foundation', 'left', 'left-platform', '--auto-approve'));
  expect(host.machines()).toEqual(['left-cp-1']);
});

test('flotilla goes on where cdktf stopped, and cdktf finds nothing to do', async () => {
  done(await host.flotilla('up'));
  expect(host.machines()).toEqual(['left-cp-1', 'right-cp-1']);
  for (const stack of ['left', 'right-platform']) expect((await cdktf('diff', stack, '--skip-synth')).text).toMatch(noChanges);
  expect(await host.flotilla('diff')).toMatchObject({ code: 0 });
});

describe('without Node', () => {
  // Everything that Terraform and the scripts need, by its name, and no node among it.
  const bin = mkdtempSync(join(tmpdir(), 'flotilla-no-node-'));
  const terraform = (args: readonly string[], options: { cwd?: string; environment?: NodeJS.ProcessEnv } = {}): Promise<Said> =>
    host.run('terraform', args, { ...options, environment: { ...options.environment, PATH: bin } });
  beforeAll(() => {
    for (const folder of [join(fakes, 'bin'), ...(process.env.PATH ?? '').split(delimiter)].reverse())
      for (const program of list(folder)) {
        if (/^(node|npm|npx|corepack)$/.test(program)) continue;
        rmSync(join(bin, program), { force: true });
        symlinkSync(join(folder, program), join(bin, program));
      }
  });
  afterAll(() => rmSync(bin, { recursive: true }));

  test('Terraform plans from the checkout', async () => {
    expect((await host.run('node', ['--version'], { environment: { PATH: bin } })).code).toBe(127);
    expect(done(await terraform(['-chdir=cdktf.out/stacks/left', 'plan', '-no-color'])).text).toMatch(noChanges);
  });

  test('Terraform starts over and applies from inside a stack, and its scripts find the deployment', async () => {
    const cwd = join(host.root, 'cdktf.out', 'stacks', 'right');
    rmSync(join(cwd, '.terraform'), { recursive: true });
    // As a shell says it that went there through the link: ../../.. of this is the checkout, not the deployment.
    const environment = { PWD: cwd };
    done(await terraform(['init', '-no-color'], { cwd, environment }));
    const before = readdirSync(host.root);
    done(await terraform(['apply', '-auto-approve', '-no-color', '-replace=null_resource.kubeconfig-right'], { cwd, environment }));
    expect(readdirSync(host.root)).toEqual(before);
    expect(done(await terraform(['plan', '-no-color'], { cwd, environment })).text).toMatch(noChanges);
  });

  test('Terraform plans from a copy that holds nothing but cdktf.out', async () => {
    const copy = mkdtempSync(join(tmpdir(), 'flotilla-copy-'));
    cpSync(join(host.deployment, 'cdktf.out'), join(copy, 'cdktf.out'), {
      recursive: true,
      filter: (path) => !/\/\.terraform(\/|$)/.test(path),
    });
    const environment = { TF_CLI_CONFIG_FILE: join(copy, 'cdktf.out', 'terraform.rc') };
    const there = { cwd: copy, environment };
    for (const stack of ['foundation', 'left', 'left-platform']) {
      done(await terraform([`-chdir=cdktf.out/stacks/${stack}`, 'init', '-no-color'], there));
      // Without the deployment there is no state: everything would be made.
      const { text } = done(await terraform([`-chdir=cdktf.out/stacks/${stack}`, 'plan', '-no-color'], there));
      expect(text).toMatch(stack === 'left-platform' ? noChanges : /Plan: [1-9]\d* to add, 0 to change, 0 to destroy/);
    }
    rmSync(copy, { recursive: true });
  });
});

test('the two at once: whoever comes second is refused, and nothing is lost', async () => {
  const script = join(host.root, 'provider', 'machine-up.sh');
  writeFileSync(script, `${readFileSync(script, 'utf8')}# edited\n`);
  host.breakAt('machine-up/left-cp-1:1:hang');
  const up = host.start(process.execPath, [join(host.root, 'cli', 'bin.cjs'), 'up']);
  await waitUntil('up is at work', host.isHanging, 300);
  const second = await cdktf('deploy', 'left', '--auto-approve');
  expect(second.code).not.toBe(0);
  expect(second.text).toMatch(/"flotilla up" \(process \d+\) is at work on this deployment/);
  host.goOn();
  done(await up.ended);

  writeFileSync(script, `${readFileSync(script, 'utf8')}# edited again\n`);
  host.breakAt('machine-up/left-cp-1:1:hang');
  const deploy = host.start(process.execPath, [cdktfCommand(), 'deploy', 'foundation', 'left', '--auto-approve']);
  await waitUntil('cdktf is at work', host.isHanging, 300);
  const late = await host.flotilla('up');
  expect(late.code).toBe(1);
  expect(late.text).toMatch(/state lock/i);
  host.goOn();
  done(await deploy.ended);
  done(await host.flotilla('up'));
  expect(await host.flotilla('diff')).toMatchObject({ code: 0 });
  expect(host.machines()).toEqual(['left-cp-1', 'right-cp-1']);
});

test('a cluster that left the fleet file is no stack of cdktf any more; flotilla takes it down', async () => {
  writeFileSync(join(host.root, 'fleets', 'two.yaml'), fleetOf(1, cluster('left', 1)));
  done(await cdktf('synth'));
  expect(readdirSync(join(host.root, 'cdktf.out', 'stacks')).sort()).toEqual(['foundation', 'left', 'left-platform']);
  expect(host.machines()).toEqual(['left-cp-1', 'right-cp-1']);
  expect(await host.flotilla('up')).toMatchObject({ code: 2, text: expect.stringContaining('right') });
  expect(host.machines()).toEqual(['left-cp-1', 'right-cp-1']);
  done(await host.flotilla('up', '--yes'));
  expect(host.machines()).toEqual(['left-cp-1']);
});

test('cdktf destroys what flotilla has raised', async () => {
  done(await cdktf('destroy', 'left-platform', 'left', 'foundation', '--auto-approve'));
  expect(host.machines()).toEqual([]);
  expect(await host.flotilla('status')).toMatchObject({ text: expect.not.stringMatching(/running/) });
  // What cdktf leaves are empty states: nothing to go on with, nothing in the way of a new up.
  done(await host.flotilla('up'));
  done(await host.flotilla('destroy', '--yes'));
  expect(host.machines()).toEqual([]);
});

test('fails: stacks whose state is elsewhere than flotilla keeps it', async () => {
  done(await host.flotilla('up'));
  expect((await cdktf('diff', 'left')).text).toMatch(noChanges);
  const settings = join(host.root, 'stacks', 'terraform-settings.ts');
  const text = readFileSync(settings, 'utf8');
  writeFileSync(settings, text.replace('/state/', '/state/of-cdktf-'));
  // Terraform itself would refuse a state that moves.
  rmSync(join(host.root, 'cdktf.out', 'stacks', 'left', '.terraform'), { recursive: true });
  expect((await cdktf('diff', 'left')).text).toMatch(/Plan: \d+ to add, 0 to change, 0 to destroy/);
  writeFileSync(settings, text);
  done(await host.flotilla('destroy', '--yes'));
  expect(host.machines()).toEqual([]);
});

test("another deployment gets the link and keeps its own output; a folder in the link's place is refused", async () => {
  writeFileSync(join(host.root, 'fleets', 'other.yaml'), fleetOf(2, cluster('middle', 3)));
  const other = await host.run(process.execPath, [cdktfCommand(), 'synth'], { environment: { FLOTILLA_FLEET: 'other' } });
  done(other);
  expect(readlinkSync(join(host.root, 'cdktf.out'))).toBe(join('.flotilla', 'other@fake', 'cdktf.out'));
  done(await cdktf('synth'));
  expect(readlinkSync(join(host.root, 'cdktf.out'))).toBe(join('.flotilla', 'two@fake', 'cdktf.out'));
  rmSync(join(host.root, 'cdktf.out'));
  mkdirSync(join(host.root, 'cdktf.out'));
  const refused = await cdktf('synth');
  expect(refused.code).not.toBe(0);
  expect(refused.text).toMatch(/cdktf\.out is no link/);
  expect(lstatSync(join(host.root, 'cdktf.out')).isDirectory()).toBe(true);
});

function list(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
