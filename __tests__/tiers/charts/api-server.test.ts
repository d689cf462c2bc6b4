import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { helmRender } from '../../../artifacts/charts/helm';
import { pinnedCharts, usersOf } from '../../../artifacts/charts/lock';
import { sampleContexts } from '../../../artifacts/charts/sample-context';
import { standInPlan } from '../../../artifacts/charts/stubs';
import { writeStandIn } from '../../../artifacts/stub-chart';
import { stagedCharts } from '../../../artifacts/versions';
import { catalog } from '../../../components';
import type { Component } from '../../../components/define';
import { claimed } from '../../../model/contracts/one-claimant';
import { ApiServer, kubernetesPrograms } from '../../support/api-server';
import { helmHere, whenHelm } from '../../support/programs-here';

const root = resolve(__dirname, '../../..');
const work = mkdtempSync(join(tmpdir(), 'flotilla-stand-in-api-'));
const isHere = kubernetesPrograms() !== null;
if (!isHere)
  console.log(
    'Kubernetes was not built here (npm start builds it): not proven that an API server takes the stand-ins and what follows them',
  );

const contexts = sampleContexts((path) => readFileSync(join(root, path), 'utf8'));
const contextOf = ({ roles }: Component) => contexts.find(({ cluster }) => roles.length === 0 || roles.includes(cluster.role))!;

(isHere ? whenHelm : describe.skip)('a real API server', () => {
  const server = new ApiServer(work);
  const file = join(work, 'objects.yaml');
  const apply = (text: string, ...flags: string[]): string => {
    writeFileSync(file, text);
    return server.kubectl('apply', '--server-side', '--filename', file, ...flags);
  };
  const remove = (text: string): void => {
    writeFileSync(file, text);
    server.kubectl('delete', '--ignore-not-found', '--wait=false', '--filename', file);
  };
  const namespaces = [...new Set(catalog.map(({ namespace }) => namespace.name))].filter((name) => name !== 'kube-system');

  beforeAll(async () => {
    await server.start();
    apply(namespaces.map((name) => JSON.stringify({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } })).join('\n---\n'));
  }, 300_000);
  afterAll(async () => {
    await server.stop();
    rmSync(work, { recursive: true });
  });

  test('takes every stand-in', async () => {
    const render = helmRender(helmHere!);
    const texts: string[] = [];
    for (const pin of pinnedCharts().filter(({ name, version }) => stagedCharts[name] !== version)) {
      const chart = join(work, `${pin.name}-${pin.version}`);
      writeStandIn(root, standInPlan(pin), chart);
      for (const release of usersOf(pin)) {
        const { namespace } = catalog.find(({ id }) => id === release)!;
        const rendered = await render({ release, namespace: namespace.name, chart, values: {}, kubernetesVersion: '1.35.4', apis: [] });
        texts.push(rendered.text!);
      }
    }
    expect(apply(texts.join('\n---\n'))).toMatch(/customresourcedefinition.*serverside-applied/);
  });

  test('then takes every object of ours, and says at once of each what its gate waits for', () => {
    server.kubectl('wait', 'crd', '--all', '--for=condition=Established', '--timeout=120s');
    const faults: string[] = [];
    const there: { readonly claims: readonly string[]; readonly text: string }[] = [];
    const attempt = (id: string, does: () => unknown): void => {
      try {
        does();
      } catch (error) {
        faults.push(`${id}: ${(error as Error).message.split('\n').slice(1).join(' ')}`);
      }
    };
    for (const component of catalog) {
      const resources = component.resources?.(contextOf(component)) ?? [];
      if (resources.length === 0) continue;
      const mine = claimed({ namespace: { ...component.namespace, podSecurity: null }, values: {}, resources });
      // Here everything is in one cluster: what no fleet may put together (one-claimant.test.ts) makes room for each other.
      for (const before of there.filter(({ claims }) => claims.some((what) => what.startsWith('port ') && mine.includes(what))))
        attempt(component.id, () => remove(before.text));
      there.push({ claims: mine, text: resources.map((resource) => JSON.stringify(resource)).join('\n---\n') });
      // Strict refuses a field that Kubernetes does not know; Helm would only warn.
      attempt(component.id, () =>
        apply(resources.map((resource) => JSON.stringify(resource)).join('\n---\n'), '--validate=strict', '--force-conflicts'),
      );
      for (const gate of component.ready ?? []) {
        if (gate.kind !== 'condition' || /^(apiservice|crd|deployment)/.test(gate.resource)) continue;
        const place = ['--namespace', gate.namespace ?? 'default'];
        attempt(component.id, () => server.kubectl('wait', ...place, gate.resource, `--for=condition=${gate.condition}`, '--timeout=20s'));
      }
    }
    expect(faults).toEqual([]);
  });
});
