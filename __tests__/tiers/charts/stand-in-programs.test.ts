import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { helmRender } from '../../../artifacts/charts/helm';
import { pinnedCharts } from '../../../artifacts/charts/lock';
import { standInPlan } from '../../../artifacts/charts/stubs';
import { readStandIn, writeStandIn } from '../../../artifacts/stub-chart';
import { programImage, standInPrograms } from '../../../artifacts/stub-programs';
import { catalog } from '../../../components';
import { staticValues } from '../../../model/resolve-components';
import type { Json } from '../../support/fleet-fixture';
import { helmHere, whenHelm } from '../../support/programs-here';

const root = resolve(__dirname, '../../..');
const work = mkdtempSync(join(tmpdir(), 'flotilla-programs-'));
afterAll(() => rmSync(work, { recursive: true }));

whenHelm('the stand-in of Vault', () => {
  const pin = pinnedCharts().find(({ name }) => name === 'vault')!;
  const program = standInPrograms.find(({ chart }) => chart === 'vault')!;
  const values = staticValues('vault', (path) => readFileSync(join(root, path), 'utf8')) as Json;
  async function objects(runnable: readonly string[], change: (values: Json) => void = () => {}): Promise<readonly Json[]> {
    const chart = join(work, `vault-${runnable.length}`);
    writeStandIn(root, standInPlan(pin, catalog, runnable), chart);
    const given = structuredClone(values);
    change(given);
    const render = helmRender(helmHere!);
    const { text, error } = await render({
      release: 'vault',
      namespace: 'vault',
      chart,
      values: given,
      kubernetesVersion: '1.35.4',
      apis: [],
    });
    expect(error).toBeNull();
    return parseAllDocuments(text!).map((document) => document.toJS());
  }
  const pod = (all: readonly Json[]): Json => all.find(({ kind }) => kind === 'StatefulSet').spec.template;

  test('runs the real program in the pod that scripts and checks ask for, as the values say', async () => {
    const all = await objects(['vault']);
    const sets = all.filter(({ kind }) => /StatefulSet|Deployment|DaemonSet/.test(kind));
    expect(sets.map(({ kind, metadata }) => `${kind} ${metadata.namespace}/${metadata.name}`)).toEqual(['StatefulSet vault/vault']);
    const { containers, serviceAccountName } = pod(all).spec;
    expect(containers).toHaveLength(1);
    expect(containers[0]).toMatchObject({
      name: 'vault',
      image: programImage(program),
      resources: values.server.resources,
      readinessProbe: { httpGet: { path: values.server.readinessProbe.path, port: 8200 } },
    });
    expect(pod(all).metadata.labels).toMatchObject({ 'app.kubernetes.io/name': 'vault', component: 'server' });
    expect(serviceAccountName).toBe('vault');
    const [claim] = sets[0].spec.volumeClaimTemplates;
    expect([claim.metadata.name, claim.spec.storageClassName, claim.spec.resources.requests.storage]).toEqual([
      'data',
      'local-path-retain',
      '2Gi',
    ]);
    const config = all.find(({ kind, metadata }) => kind === 'ConfigMap' && metadata.name === 'vault-config');
    expect(config.data['extraconfig-from-values.hcl']).toBe(values.server.ha.raft.config);
    const told = all.find(({ kind, metadata }) => kind === 'ConfigMap' && metadata.name === 'stand-in-vault');
    expect(told.data.runs).toBe(program.runs);
    expect(all.every(({ metadata }) => metadata.annotations['flotilla.dev/stand-in'] === 'true')).toBe(true);
  });

  test('replaces its pod when its configuration is another one', async () => {
    const before = pod(await objects(['vault']));
    const after = pod(await objects(['vault'], ({ server }) => (server.ha.raft.config += '\n')));
    expect(after.metadata.annotations).not.toEqual(before.metadata.annotations);
  });

  test('sabotage: without the program it is a pod with nothing in it, and says nothing else', async () => {
    const all = await objects([]);
    expect(pod(all).spec.containers[0].name).toBe('stand-in');
    expect(all.find(({ metadata }) => metadata.name === 'stand-in-vault').data.runs).toBeUndefined();
    expect(readStandIn(join(work, 'vault-0'))?.program).toBeUndefined();
    expect(readStandIn(join(work, 'vault-1'))?.program?.runs).toBe(program.runs);
  });
});
