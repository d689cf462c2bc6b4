import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pinnedCharts } from '../../artifacts/charts/lock';
import { standInPlan } from '../../artifacts/charts/stubs';
import { type StandInPlan, writeStandIn } from '../../artifacts/stub-chart';
import { stagedCharts } from '../../artifacts/versions';
import { sayAnswers } from '../../cli/verbs/verify';
import { catalog } from '../../components';
import { packageRoot } from '../../config/package-root';
import { type Answer, askChecks } from '../../runner/cluster/checks';
import { describeDeployment } from '../../runner/deployment/deployment';
import { stagedStandIns } from '../../runner/deployment/staged-charts';
import { load, resolveFresh } from '../support/fleet-fixture';

const trio = resolveFresh(load('trio', 'nspawn'));
const hub = trio.clusters[0]!;
// With Cilium, whose mesh needs a network that machines of nspawn are not proven to have.
const meshed = resolveFresh(load('trio'));
const meshedHub = meshed.clusters[0]!;
const lacking = pinnedCharts().filter(({ name, version }) => stagedCharts[name] !== version);
const plans = (runnable: readonly string[]): readonly StandInPlan[] => lacking.map((pin) => standInPlan(pin, catalog, runnable));
let work: string;
beforeEach(() => {
  work = mkdtempSync(join(tmpdir(), 'flotilla-verify-'));
  mkdirSync(join(work, 'bin'));
});
afterEach(() => rmSync(work, { recursive: true }));

/** The answers of the hub, whose kubectl says no to whatever holds `fails`. */
async function answers(
  standIns: readonly StandInPlan[],
  fails = 'nothing at all',
  { of = hub, code = 1 } = {},
): Promise<readonly Answer[]> {
  for (const program of ['kubectl', 'curl', 'sh', 'bash']) {
    writeFileSync(join(work, 'bin', program), `#!/bin/bash\n[[ "$KUBECONFIG $*" != *'${fails}'* ]] || { echo "no: $*"; exit ${code}; }\n`);
    chmodSync(join(work, 'bin', program), 0o755);
  }
  return askChecks(describeDeployment(trio, work, join(work, 'bin'), null), of, standIns);
}
const unasked = (found: readonly Answer[]): readonly string[] => [
  ...new Set(found.filter(({ result }) => result === 'stand-in').map(({ component }) => component)),
];

test('every check is asked of real software, with the kubeconfig of its cluster', async () => {
  const found = await answers([]);
  expect(found.map(({ check }) => check)).toEqual(hub.components.flatMap(({ checks }) => checks));
  expect(found.every(({ result }) => result === 'holds')).toBe(true);
  expect((await answers([], `kubeconfig/${hub.name}`)).every(({ result }) => result === 'fails')).toBe(true);
});

test('on stand-ins only what they promise is asked: that their pods are there; and of a real program in one all', async () => {
  const found = await answers(plans(['vault']), 'vault status');
  expect(unasked(found)).toEqual(expect.arrayContaining(['vault-issuer', 'external-secrets-store']));
  expect(unasked(found)).not.toContain('local-path');
  expect(found.filter(({ component }) => component === 'vault').map(({ result }) => result)).toEqual(['fails']);
  for (const { check, result } of found) if (result === 'stand-in') expect(check.command.join(' ')).not.toContain(' rollout status ');
  expect(found.filter(({ component }) => component === 'argo-cd').map(({ result }) => result)).toEqual(['holds', 'stand-in', 'stand-in']);
});

test('sabotage: without its program Vault is not asked, and counted neither as a failure nor as a pass', async () => {
  const found = await answers(plans([]), 'vault status');
  expect(unasked(found)).toContain('vault');
  const said = sayAnswers(found);
  const count = found.filter(({ result }) => result === 'stand-in').length;
  expect(said).toContainEqual(expect.stringMatching(new RegExp(`^${count} checks not asked: stand-in \\(.*vault.*\\)$`)));
  expect(said.at(-1)).toBe(`${found.length - count} checks hold, 0 do not, 0 not proven, ${count} not asked`);
});

test('one that fails says where, what, and what to look at', async () => {
  const said = sayAnswers((await answers(plans(['vault']), 'vault status')).filter(({ check }) => check.peer === undefined));
  expect(said.slice(0, 3)).toEqual([
    `${hub.name}, vault: not so: Vault is open`,
    expect.stringMatching(/^ {2}no: .*vault status/),
    expect.stringMatching(/^ {2}.*flotilla boot/),
  ]);
});

describe('connections between clusters', () => {
  const of = meshedHub;
  const agents = meshed.clusters.filter(({ role }) => role === 'agent').map(({ name }) => name);
  const about = (component: string, cluster = meshedHub) =>
    cluster.components.find(({ id }) => id === component)!.checks.filter(({ peer }) => peer !== undefined);

  test('every cluster of the mesh asks about every other one, and Argo CD about every cluster that it manages', () => {
    expect(agents.length).toBeGreaterThan(1);
    for (const cluster of meshed.clusters)
      expect(about('cilium', cluster).map(({ peer }) => peer)).toEqual(
        meshed.clusters.map(({ name }) => name).filter((name) => name !== cluster.name),
      );
    expect(about('argo-cd').map(({ command }) => command)).toEqual(
      of.components
        .find(({ id }) => id === 'argo-cd')!
        .links.map(({ client, input }) => ['bash', 'scripts/host/argo-cd-reach.sh', client, input!.server]),
    );
  });

  test('verify prints a line for each, with what is wrong when one is not there', async () => {
    const found = await answers([], `mesh-peer.sh ${agents[0]}`, { of });
    const said = sayAnswers(found);
    expect(said).toContain(`${of.name}: the mesh connects ${of.name} to ${agents[0]}: NO`);
    expect(said).toContain(`${of.name}: the mesh connects ${of.name} to ${agents[1]}: yes`);
    expect(said).toContain(`${of.name}: Argo CD reaches ${agents[0]}, which it manages: yes`);
    expect(said).toContain(`${of.name}, cilium: not so: the mesh connects ${of.name} to ${agents[0]}`);
    expect(said.at(-1)).toContain('1 do not');
  });

  test('on a stub chart they are not asked, and neither hold nor fail', async () => {
    const found = (await answers(plans([]), 'mesh-peer.sh', { of })).filter(({ check }) => check.peer !== undefined);
    expect(found.length).toBe(4);
    expect(found.map(({ result }) => result)).toEqual(found.map(() => 'stand-in'));
    expect(sayAnswers(found)[0]).toMatch(/: not asked, stand-in$/);
  });

  test('a check that ends with 77 could not tell: neither holds nor fails', async () => {
    const found = await answers([], 'argo-cd-reach.sh', { of, code: 77 });
    expect(found.filter(({ result }) => result === 'unproven').map(({ component }) => component)).toEqual(agents.map(() => 'argo-cd'));
    expect(sayAnswers(found).at(-1)).toContain(` 0 do not, ${agents.length} not proven, 0 not asked`);
  });
});

test('what is a stand-in is read where the charts were laid out', () => {
  expect(stagedStandIns(work)).toEqual([]);
  const plan = plans(['vault']).find(({ name }) => name === 'vault')!;
  mkdirSync(join(work, 'charts/real-1'), { recursive: true });
  writeFileSync(join(work, 'charts/real-1/Chart.yaml'), 'name: real\n');
  writeStandIn(packageRoot(), plan, join(work, 'charts/vault-1'));
  expect(stagedStandIns(work)).toMatchObject([plan]);
});
