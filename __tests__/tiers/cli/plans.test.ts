import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { defaultCacheDir, prepare } from '../../../artifacts/prepare';
import { load, resolveFresh, root } from '../../support/fleet-fixture';

interface Said {
  readonly code: number;
  readonly text: string;
}

let work: string;
let environment: NodeJS.ProcessEnv;
let charts: string;

beforeAll(async () => {
  work = mkdtempSync(join(tmpdir(), 'flotilla-plans-'));
  const { providerMirror, chartMirror } = await prepare({
    root,
    cacheDir: defaultCacheDir(),
    only: ['provider-mirror', 'chart-mirror'],
    onEvent: () => {},
  });
  charts = chartMirror;
  const config = join(work, 'terraform.rc');
  writeFileSync(config, `provider_installation {\n  filesystem_mirror {\n    path = ${JSON.stringify(providerMirror)}\n  }\n}\n`);
  // The kubernetes provider would fall back on what these name.
  const { KUBECONFIG: _config, KUBE_CONFIG_PATH: _path, KUBE_CONFIG_PATHS: _paths, ...rest } = process.env;
  environment = { ...rest, TF_CLI_CONFIG_FILE: config, TF_IN_AUTOMATION: '1', CHECKPOINT_DISABLE: '1' };
}, 900_000);
afterAll(() => rmSync(work, { recursive: true, force: true }));

const run = (program: string, args: readonly string[], more: NodeJS.ProcessEnv = {}): Promise<Said> =>
  new Promise((done) => {
    const options = { env: { ...environment, ...more }, maxBuffer: 1 << 26 };
    execFile(program, [...args], options, (error, stdout, stderr) => done({ code: error ? Number(error.code) : 0, text: stdout + stderr }));
  });

const fleets = readdirSync(join(root, 'fleets'))
  .filter((file) => file.endsWith('.yaml'))
  .map((file) => file.replace(/\.yaml$/, ''));

test('the fleets are those of the three systems, and ours', () => {
  expect(fleets).toEqual(expect.arrayContaining(['ha', 'kind', 'lab', 'tart', 'trio']));
});

// Before anything is there: a platform is planned without its cluster.
test.each(fleets)('every stack of %s is valid and planned by the real providers, with all that it has to make', async (fleet) => {
  const model = resolveFresh(load(fleet));
  const folder = join(work, '.flotilla', model.deployment);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'model.json'), JSON.stringify(model));
  const output = join(folder, 'cdktf.out');
  const settings = { FLOTILLA_MODEL: join(folder, 'model.json'), FLOTILLA_CHARTS: charts, CDKTF_OUTDIR: output };
  expect(await run(process.execPath, [join(root, 'cli/bin.cjs'), 'synth'], settings)).toMatchObject({ code: 0 });
  for (const { name } of model.stacks) {
    const stack = join(output, 'stacks', name);
    const terraform = (...args: string[]) => run('terraform', [`-chdir=${stack}`, ...args, '-no-color']);
    expect(await terraform('init', '-input=false')).toMatchObject({ code: 0 });
    expect(await terraform('validate')).toMatchObject({ code: 0 });
    const { code, text } = await terraform('plan', '-input=false', '-detailed-exitcode');
    const toMake = resourcesOf(stack);
    expect({ name, code, text }).toMatchObject({
      code: 2,
      text: expect.stringContaining(`Plan: ${toMake} to add, 0 to change, 0 to destroy`),
    });
  }
});

/** What a stack's JSON declares; one with `for_each` counts as often as it has keys. */
function resourcesOf(stack: string): number {
  const { resource } = JSON.parse(readFileSync(join(stack, 'cdk.tf.json'), 'utf8')) as {
    resource: Record<string, Record<string, { for_each?: object | string }>>;
  };
  const keys = (each: object | string | undefined): number =>
    each === undefined ? 1 : typeof each === 'string' ? each.split(',').length : Object.keys(each).length;
  return Object.values(resource)
    .flatMap((named) => Object.values(named))
    .reduce((sum, { for_each }) => sum + keys(for_each), 0);
}
