import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ResolvedFleet } from '../../model/resolved-fleet';
import { describeDeployment } from '../../runner/deployment/deployment';
import { type RunScript, runBootSteps } from '../../runner/machines/boot-steps';
import { oweAgain, unfinishedScripts } from '../../runner/terraform/incomplete-scripts';
import { load, resolveFresh } from '../support/fleet-fixture';

const trio = resolveFresh(load('trio', 'nspawn'));
const [hub, agent] = trio.clusters;
const address = 'step-vault-unseal';
const nothing = { wrong: [], owed: new Map() };
let work: string;
let ran: [string, Record<string, unknown>][];
beforeEach(() => {
  work = mkdtempSync(join(tmpdir(), 'flotilla-boot-steps-'));
  ran = [];
});
afterEach(() => rmSync(work, { recursive: true }));

const run: RunScript = async (script, input) => {
  ran.push([script, input as Record<string, unknown>]);
  return '';
};

/** A deployment whose hub's platform has made `made`; its kubectl answers and remembers that it was asked. */
function deployment(made: readonly string[], model: ResolvedFleet = trio) {
  for (const folder of ['state', 'kubeconfig', 'bin']) mkdirSync(join(work, folder), { recursive: true });
  for (const { name } of model.clusters) writeFileSync(join(work, 'kubeconfig', name), '');
  const resources = made.map((name) => ({ mode: 'managed', type: 'null_resource', name, instances: [{ attributes: { id: '1' } }] }));
  writeFileSync(join(work, 'state', `${hub!.name}-platform.tfstate`), JSON.stringify({ resources }));
  writeFileSync(join(work, 'bin/kubectl'), `#!/bin/sh\necho asked >>'${work}/asked'\n`);
  chmodSync(join(work, 'bin/kubectl'), 0o755);
  return describeDeployment(model, work, join(work, 'bin'), null);
}
const asked = (): boolean => existsSync(join(work, 'asked'));

test('what seals itself is opened again, with what `up` would tell the script', async () => {
  const here = deployment([address, 'step-vault-init']);
  expect(await runBootSteps(here, hub!, run)).toEqual(nothing);
  expect(ran).toEqual([
    ['host/vault-unseal.sh', { deployment: work, cluster: hub!.name, kubeconfig: `kubeconfig/${hub!.name}`, component: 'vault' }],
  ]);
});

test('a cluster that has nothing of the kind, or that up never came to, is not even asked', async () => {
  const here = deployment([]);
  for (const cluster of [hub!, agent!]) expect(await runBootSteps(here, cluster, run)).toEqual(nothing);
  expect(await runBootSteps(deployment(['step-vault-init']), hub!, run)).toEqual(nothing);
  expect([ran, asked()]).toEqual([[], false]);
});

test('a fleet without Vault pays nothing', async () => {
  const lab = resolveFresh(load('lab'));
  const here = deployment([address], lab);
  for (const cluster of lab.clusters) expect(await runBootSteps(here, cluster, run)).toEqual(nothing);
  expect([ran, asked()]).toEqual([[], false]);
});

test('one that cannot be opened says where, what and what to do, and nothing is thrown', async () => {
  const fails: RunScript = async () => {
    throw new Error('host/vault-unseal.sh failed\nerror: there are no keys for it\n  they belong into X');
  };
  const { wrong, owed } = await runBootSteps(deployment([address]), hub!, fails);
  expect(owed.size).toBe(0);
  expect(wrong).toEqual([expect.stringMatching(new RegExp(`^${hub!.name}, vault: .*\\n.*no keys.*\\n.*belong into`))]);
});

test('what lost all that it held has every step run again, those for other clusters too', async () => {
  const here = deployment([address, 'step-vault-init', 'step-argo-cd-cluster']);
  const platform = `${hub!.name}-platform`;
  const { wrong, owed } = await runBootSteps(here, hub!, async () => 'start over\n');
  expect(wrong).toEqual([expect.stringContaining('flotilla up')]);
  expect([...owed.keys()].sort()).toEqual(['access', platform].sort());
  expect(owed.get(platform)).toEqual(expect.arrayContaining([`null_resource.${address}`, 'null_resource.step-vault-init']));
  expect(owed.get(platform)).not.toContain('null_resource.step-argo-cd-cluster');
  expect(owed.get('access')).toContain(`null_resource.access-${agent!.name}-vault-auth`);
  // To look is not to owe: that is up to who asked.
  expect(unfinishedScripts(here, platform)).toEqual([]);
  expect(await runBootSteps(here, hub!, async () => 'opened\n')).toEqual(nothing);
});

test('what is owed holds for scripts that have run, until they were made again', () => {
  const here = deployment([address, 'step-vault-init', 'step-argo-cd-cluster']);
  oweAgain(here, `${hub!.name}-platform`, [`null_resource.${address}`, 'null_resource.step-vault-init', 'null_resource.step-vault-pki']);
  expect([...unfinishedScripts(here, `${hub!.name}-platform`)].sort()).toEqual([
    'null_resource.step-vault-init',
    `null_resource.${address}`,
  ]);
});

test('sabotage: a component that forgot its flag is not opened', async () => {
  const clusters = trio.clusters.map((cluster) => ({
    ...cluster,
    components: cluster.components.map((one) => ({ ...one, steps: one.steps.map(({ onBoot: _, ...step }) => step) })),
  }));
  await runBootSteps(deployment([address]), clusters[0]!, run);
  expect(ran).toEqual([]);
});

test('the words of the fleet file reach every script of Vault, and no other one', () => {
  const fleet = load('trio', 'nspawn');
  const spec = { ...fleet.spec!, secrets: { unsealCommand: ['pass', 'vault'] } };
  const told = resolveFresh({ ...fleet, spec });
  const inputs = (model: ResolvedFleet) =>
    model.clusters.flatMap(({ components }) =>
      components.flatMap(({ steps, links }) => [...steps, ...links].map(({ script, input }) => [script, input?.unsealCommand] as const)),
    );
  for (const [script, words] of inputs(told))
    expect([script, words]).toEqual([script, script.startsWith('host/vault-') ? spec.secrets.unsealCommand : undefined]);
  expect(inputs(trio).filter(([, words]) => words !== undefined)).toEqual([]);
  expect(inputs(told).filter(([, words]) => words !== undefined).length).toBeGreaterThanOrEqual(8);
});

test('the runbook names the script that boot runs', () =>
  expect(readFileSync(join(__dirname, '../../docs/runbook/vault-sealed.md'), 'utf8')).toContain(
    hub!.components.flatMap(({ steps }) => steps).find(({ onBoot }) => onBoot)!.script,
  ));
