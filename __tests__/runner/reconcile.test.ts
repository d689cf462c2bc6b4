import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describeDeployment } from '../../runner/deployment/deployment';
import { Journal } from '../../runner/progress/journal';
import { unfinishedScripts } from '../../runner/terraform/incomplete-scripts';
import { settleAfter, settleBefore } from '../../runner/terraform/reconcile';
import type { StackOutcome } from '../../runner/terraform/stack-run';
import { load, resolveFresh } from '../support/fleet-fixture';

const trio = resolveFresh(load('trio', 'nspawn'));
const hub = trio.clusters[0]!;
const platform = trio.stacks.find(({ kind, cluster }) => kind === 'platform' && cluster === hub.name)!;
const address = 'null_resource.step-vault-unseal';
const opens = 'echo opened';
const fails = 'echo "there are no keys for it" >&2; exit 1';
const startsOver = 'echo start over';

let work: string;
beforeEach(() => {
  work = mkdtempSync(join(tmpdir(), 'flotilla-settle-'));
  for (const folder of ['bin', 'kubeconfig', 'state', `cdktf.out/stacks/${platform.name}`])
    mkdirSync(join(work, folder), { recursive: true });
  writeFileSync(join(work, hub.kubeconfig), '');
  writeFileSync(join(work, 'bin/kubectl'), `#!/bin/sh\necho '{"items": []}'\n`);
  chmodSync(join(work, 'bin/kubectl'), 0o755);
  const [type, name] = address.split('.');
  const resources = [{ mode: 'managed', type, name, instances: [{ attributes: { id: '1' } }] }];
  writeFileSync(join(work, 'state', `${platform.name}.tfstate`), JSON.stringify({ resources }));
});
afterEach(() => rmSync(work, { recursive: true }));

/** The hub with its store alone, whose script at boot is the one given; each of its runs leaves a line in `ran`. */
function world(script: string) {
  const file = join(work, 'boot.sh');
  writeFileSync(file, `echo ran >>'${work}/ran'\n${script}\n`);
  const components = hub.components
    .filter(({ id }) => id === 'vault')
    .map((one) => ({
      ...one,
      secrets: [],
      links: [],
      steps: one.steps.filter(({ onBoot }) => onBoot).map((step) => ({ ...step, script: file })),
    }));
  const cluster = { ...hub, components };
  const model = { ...trio, clusters: [cluster, ...trio.clusters.slice(1)] };
  return { cluster, deployment: describeDeployment(model, work, join(work, 'bin'), null) };
}
const ran = (): string => readFileSync(join(work, 'ran'), 'utf8');

const applied: StackOutcome = { stack: platform.name, result: 'changed', changes: [], errors: [] };
const undone = ['it was sealed before the plan'];
const after = (script: string, outcome = applied, before: readonly string[] = undone) => {
  const { deployment, cluster } = world(script);
  return settleAfter(before, outcome, deployment, cluster);
};

test('what could not be put right before the plan is no fault when it can be after it', async () => {
  expect(await after(opens)).toEqual(applied);
  expect(ran()).toBe('ran\n');
});

test('what cannot be put right after it either fails the stack, and says why', async () => {
  const said = expect.stringContaining('there are no keys for it');
  expect(await after(fails, { ...applied, errors: ['before'] })).toEqual({ ...applied, result: 'failed', errors: ['before', said] });
});

test('a stack that failed anyway says what was wrong before it, and nothing is tried', async () => {
  const failed: StackOutcome = { ...applied, result: 'failed', errors: ['a release'] };
  expect(await after(opens, failed)).toEqual({ ...failed, errors: ['a release', ...undone] });
  expect(ran).toThrow();
});

test('where nothing was wrong, nothing is tried', async () => {
  expect(await after(fails, applied, [])).toBe(applied);
  expect(ran).toThrow();
});

test('what lost all that it held before the plan has its scripts run again by it', async () => {
  const { cluster, deployment } = world(startsOver);
  const notes: string[] = [];
  const wrong = await settleBefore(deployment, cluster, platform, new Journal((line) => notes.push(line)));
  expect(wrong).toEqual([expect.stringContaining('what it held is gone')]);
  expect(notes.join('\n')).toContain('what it held is gone');
  expect(unfinishedScripts(deployment, platform.name)).toEqual([address]);
});

test('what lost it afterwards owes them to the next plan', async () => {
  const { deployment } = world(startsOver);
  expect(unfinishedScripts(deployment, platform.name)).toEqual([]);
  expect(await after(startsOver)).toMatchObject({ result: 'failed', errors: [expect.stringContaining('what it held is gone')] });
  expect(unfinishedScripts(deployment, platform.name)).toEqual([address]);
});
