import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { helmRender, withoutNulls } from '../../../artifacts/charts/helm';
import { sampleContexts } from '../../../artifacts/charts/sample-context';
import { standInPlan } from '../../../artifacts/charts/stubs';
import type { Values } from '../../../artifacts/charts/values-tree';
import { isStandIn, writeStandIn } from '../../../artifacts/stub-chart';
import { stagedCharts } from '../../../artifacts/versions';
import { catalog } from '../../../components';
import type { Component, Manifest } from '../../../components/define';
import { mergeValues } from '../../../model/merge-values';
import { staticValues } from '../../../model/resolve-components';
import { helmHere, whenHelm } from '../../support/programs-here';

const root = resolve(__dirname, '../../..');
const work = mkdtempSync(join(tmpdir(), 'flotilla-stand-ins-'));
afterAll(() => rmSync(work, { recursive: true }));

const read = (path: string): string => readFileSync(join(root, path), 'utf8');
const readValues = (path: string): string | null => {
  try {
    return read(path);
  } catch {
    return null;
  }
};
const contexts = sampleContexts(read);
const contextOf = ({ roles }: Component) => contexts.filter(({ cluster }) => roles.length === 0 || roles.includes(cluster.role));

whenHelm('rendered by Helm', () => {
  const render = helmRender(helmHere!);
  const folderOf = ({ name, version }: { name: string; version: string }): string => join(work, `${name}-${version}`);
  const rendered = async (component: Component) => {
    writeStandIn(root, standInPlan(component.chart!), folderOf(component.chart!));
    const context = contextOf(component)[0]!;
    const values = mergeValues(staticValues(component.id, readValues), component.values?.(context) ?? {}, {}) as Values;
    const namespace = component.namespace.name;
    const { text, error } = await render({
      release: component.id,
      namespace,
      chart: folderOf(component.chart!),
      values,
      kubernetesVersion: '1.35.4',
      apis: [],
    });
    return { error, values, objects: text === null ? [] : parseAllDocuments(text).map((document) => document.toJS() as Manifest) };
  };
  const standing = catalog.filter(({ chart }) => chart !== undefined && stagedCharts[chart.name] !== chart.version);

  test.each(standing.map((component) => [component.id, component] as const))(
    '%s: gets exactly what we send, says that it is a stand-in',
    async (_, component) => {
      const { error, values, objects } = await rendered(component);
      expect(error).toBeNull();
      expect(objects.every(({ metadata }) => (metadata.annotations as Record<string, string>)['flotilla.dev/stand-in'] === 'true')).toBe(
        true,
      );
      const [map] = objects.filter(({ kind }) => kind === 'ConfigMap');
      expect(withoutNulls(JSON.parse((map!.data as Record<string, string>)['values.json']!))).toEqual(withoutNulls(values));
      expect(map!.data).toMatchObject({ chart: `${component.chart!.name} ${component.chart!.version}` });
      expect(objects.filter(({ kind }) => kind === 'CustomResourceDefinition').map(({ metadata }) => metadata.name)).toEqual(
        [...(component.crds ?? [])].sort(),
      );
      expect(isStandIn(folderOf(component.chart!))).toBe(true);
      // What is laid down for it is needed: a Secret that nobody would miss shows nothing.
      for (const { name } of component.secrets ?? [])
        expect(objects.some(({ spec }) => JSON.stringify(spec ?? null).includes(`"secretName":"${name}"`))).toBe(true);
    },
  );
});
