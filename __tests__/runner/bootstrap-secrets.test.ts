import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ResolvedCluster } from '../../model/resolved-fleet';
import { askSecrets, missingSecrets } from '../../runner/cluster/bootstrap-secrets';
import { describeDeployment } from '../../runner/deployment/deployment';
import { Journal } from '../../runner/progress/journal';
import { unfinishedScripts } from '../../runner/terraform/incomplete-scripts';
import { settleBefore } from '../../runner/terraform/reconcile';
import { load, resolveFresh } from '../support/fleet-fixture';

const trio = resolveFresh(load('trio', 'nspawn'));
/** Of the real fleet only what is asked here. */
const hub: ResolvedCluster = {
  ...trio.clusters[0]!,
  components: trio.clusters[0]!.components.filter(({ secrets }) => secrets.length > 0).map((one) => ({ ...one, steps: [], links: [] })),
};
const platform = trio.stacks.find(({ kind, cluster }) => kind === 'platform' && cluster === hub.name)!;
const all = hub.components.flatMap(({ id, namespace, secrets }) =>
  secrets.map(({ name }) => ({ component: id, namespace: namespace.name, name })),
);
const [lost] = all;

/** An API with Secrets, a line `<namespace>/<name> <its uid>` for each; it answers what kubectl is asked for here, and nothing where there is no file. */
const stub = `#!/bin/bash
printf '%s\\n' "$*" >>"$API/calls"
case "$*" in
  *readyz*) exit 0 ;;
  *'get secrets'*owner=helm*) echo '{"items": []}' ;;
  *'get secrets'*--selector=flotilla.dev/uid=*) sed -n "s|^\\([^ ]*\\) $UID_OF_FLEET\\$|\\1|p" "$API/secrets" ;;
  *'get secrets --namespace='*) all="$*"; space="\${all#*--namespace=}"; name="\${all#*metadata.name=}"
    sed -n "s|^\\(\${space%% *}/\${name%% *}\\) .*|\\1|p" "$API/secrets" ;;
  *) echo '{"items": []}' ;;
esac`;

let work: string;
beforeEach(() => {
  work = mkdtempSync(join(tmpdir(), 'flotilla-laid-'));
  for (const folder of ['bin', 'kubeconfig', 'state', `cdktf.out/stacks/${platform.name}`])
    mkdirSync(join(work, folder), { recursive: true });
  writeFileSync(join(work, hub.kubeconfig), '');
  writeFileSync(join(work, 'bin/kubectl'), stub);
  chmodSync(join(work, 'bin/kubectl'), 0o755);
  there(all);
});
afterEach(() => rmSync(work, { recursive: true }));

const there = (secrets: typeof all, uid = trio.uid): void =>
  writeFileSync(join(work, 'secrets'), secrets.map(({ namespace, name }) => `${namespace}/${name} ${uid}\n`).join(''));
const calls = (): string[] => readFileSync(join(work, 'calls'), 'utf8').trim().split('\n');

function deployment() {
  const plain = describeDeployment(trio, work, join(work, 'bin'), null);
  return { ...plain, environment: { ...plain.environment, API: work, UID_OF_FLEET: trio.uid } };
}

/** The scripts that Terraform believes to have run. */
function made(...components: string[]): void {
  const resources = components.map((id) => ({
    mode: 'managed',
    type: 'null_resource',
    name: `secrets-${id}`,
    instances: [{ attributes: { id } }],
  }));
  writeFileSync(join(work, 'state', `${platform.name}.tfstate`), JSON.stringify({ resources }));
}

test('the fleet has Secrets to lose', () => expect(all.length).toBeGreaterThan(3));

test('where all are there, one question finds it out', async () => {
  expect(await missingSecrets(deployment(), hub)).toEqual([]);
  expect(calls().filter((call) => call.includes('get secrets'))).toHaveLength(1);
});

test('one that is gone is named, one that somebody else keeps by now is not', async () => {
  there(all.slice(1));
  expect(await missingSecrets(deployment(), hub)).toEqual([lost]);
  there(all, 'nobody');
  expect(await missingSecrets(deployment(), hub)).toEqual([]);
});

test('nobody reads what is in them', async () => {
  there([]);
  await missingSecrets(deployment(), hub);
  for (const call of calls().filter((one) => one.includes('get secrets')))
    expect(call).toMatch(/jsonpath=[^.]*\.items[^.]*\.metadata\.namespace[^.]*\.metadata\.name[^.]*$/);
});

test('an API that does not answer proves nothing', async () => {
  rmSync(join(work, 'secrets'));
  expect(await missingSecrets(deployment(), hub)).toBe(null);
});

test('a cluster whose components want none is not asked', async () => {
  expect(await missingSecrets(deployment(), { ...hub, components: [] })).toEqual([]);
  expect(() => calls()).toThrow();
});

test('up runs the script again that laid it down, no other, and says why', async () => {
  made(...hub.components.map(({ id }) => id));
  there(all.slice(1));
  const notes: string[] = [];
  expect(await settleBefore(deployment(), hub, platform, new Journal((line) => notes.push(line)))).toEqual([]);
  expect(unfinishedScripts(deployment(), platform.name)).toEqual([`null_resource.secrets-${lost!.component}`]);
  expect(notes.join('\n')).toContain(`the Secret ${lost!.namespace}/${lost!.name} is gone`);
});

test.each([
  ['none is gone', all, hub.components.map(({ id }) => id)],
  ['none was laid down yet', [], []],
])('up runs none where %s', async (_, secrets, done) => {
  made(...done);
  there([...secrets]);
  await settleBefore(deployment(), hub, platform, new Journal(() => {}));
  expect(unfinishedScripts(deployment(), platform.name)).toEqual([]);
});

test('verify names it, and the other components hold', async () => {
  there(all.slice(1));
  const answers = await askSecrets(deployment(), hub);
  expect(answers.map(({ component }) => component)).toEqual(hub.components.map(({ id }) => id));
  expect(answers.filter(({ result }) => result === 'fails').map(({ component, said }) => [component, said])).toEqual([
    [lost!.component, `there is no Secret ${lost!.namespace}/${lost!.name}`],
  ]);
  rmSync(join(work, 'secrets'));
  expect((await askSecrets(deployment(), hub)).every(({ result, said }) => result === 'fails' && said.includes('does not tell'))).toBe(
    true,
  );
});
