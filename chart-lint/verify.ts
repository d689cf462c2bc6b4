import { stringify } from 'yaml';
import { type ChartTree, readChartTree } from '../artifacts/charts/chart-tree';
import { documentsOf, type Render, type Rendered, type RenderInput } from '../artifacts/charts/helm';
import { type LockedChart, lockedDigest, otherThanLocked, readLock } from '../artifacts/charts/lock';
import { findChart, looseDefinitions } from '../artifacts/charts/mirror';
import type { Values } from '../artifacts/charts/values-tree';
import type { ResolvedCluster, ResolvedComponent, ResolvedFleet } from '../model/resolved-fleet';
import { type BeyondRender, beyondRender } from './beyond-render';
import { beforehand, clashes, definitionName, renderedClaims } from './collisions';
import { type ConformInput, type Conformity, objectsOf } from './conform';
import { brokenPromises, type Inventory, inventoryOf, type Loose, type Release, say } from './contracts';
import { crdTexts } from './crd-schemas';
import { imageFaults, imagesOf } from './images';
import type { QueryParser } from './query-check';
import { type Fate, ghosts } from './unused-values';

export interface Finding {
  /** `<cluster>/<component>` */
  readonly release: string;
  readonly kind: 'render' | 'ghost' | 'image' | 'object' | 'collision' | 'promise' | 'archive' | keyof BeyondRender;
  readonly text: string;
}

export interface Verification {
  readonly findings: readonly Finding[];
  readonly rendered: number;
  readonly valid: number;
  /** What was looked at beside single objects, with the numbers, a line each. */
  readonly checked: readonly string[];
  /** What is no fault and is better known, a line each. */
  readonly notes: readonly string[];
  /** What was not looked at, a line each. */
  readonly unchecked: readonly string[];
}

export interface VerifyOptions {
  readonly model: ResolvedFleet;
  readonly mirrors: readonly string[];
  readonly render: Render;
  /** `null`: objects are not held against schemas. */
  readonly conform: ((inputs: readonly ConformInput[], definitions: readonly string[]) => Promise<Conformity>) | null;
  /** What is known of archives. @default - charts/lock.json */
  readonly locked?: readonly LockedChart[];
  /** @default - queries are not parsed, and that is among `unchecked` */
  readonly queryParser?: QueryParser;
  readonly progress?: (release: string) => void;
}

interface Shared {
  readonly options: VerifyOptions;
  readonly trees: Map<string, ChartTree>;
  /** By component and role: which keys are read was found out in another cluster of that role already. */
  readonly known: Map<string, Map<string, Fate>>;
  readonly findings: Finding[];
  readonly inputs: ConformInput[];
  readonly absent: Map<string, string[]>;
  /** Keys that a chart only writes down. */
  readonly dumped: Set<string>;
  /** What is in each cluster when all its releases are. */
  readonly inventories: Map<string, Inventory>;
  /** By what was asked of Helm. */
  readonly rendered: Map<string, Rendered>;
}

/** Renders every release of the fleet that has its chart here, and looks at what goes in and what comes out. */
export async function verifyCharts(options: VerifyOptions): Promise<Verification> {
  const shared: Shared = {
    options,
    trees: new Map(),
    known: new Map(),
    findings: [],
    inputs: [],
    absent: new Map(),
    dumped: new Set(),
    inventories: new Map(),
    rendered: new Map(),
  };
  let rendered = 0;
  for (const cluster of options.model.clusters) rendered += await verifyCluster(cluster, shared);
  const conformity = options.conform === null ? null : await options.conform(shared.inputs, looseDefinitions(options.mirrors));
  for (const { release, object, why } of conformity?.faults ?? [])
    shared.findings.push({ release, kind: 'object', text: `${object}: ${why}` });
  const broken = brokenPromises(shared.inventories);
  for (const one of broken.filter(({ isUnknown, isNote }) => !isUnknown && !isNote))
    shared.findings.push({ release: `${one.cluster}/${one.release}`, kind: 'promise', text: say(one) });
  const beyond = await beyondRender({
    model: options.model,
    inventories: shared.inventories,
    locked: options.locked ?? readLock(),
    mirrors: options.mirrors,
    queryParser: options.queryParser ?? { missing: 'no parser was given' },
  });
  for (const [kind, { faults }] of Object.entries(beyond))
    for (const { release, text } of faults) shared.findings.push({ release, kind: kind as keyof BeyondRender, text });
  const examined = Object.values(beyond);
  const unknown = [...(conformity?.unknown ?? [])].sort().map(([kind, count]) => `${count} × ${kind}`);
  return {
    findings: shared.findings,
    rendered,
    valid: conformity?.valid ?? 0,
    checked: examined.flatMap(({ checked }) => checked),
    notes: [
      ...broken.filter(({ isNote }) => isNote).map((one) => `${one.cluster}/${one.release}: ${say(one)}`),
      ...examined.flatMap(({ notes }) => notes),
    ],
    unchecked: [
      ...[...shared.absent].map(
        ([chart, releases]) => `${chart} is in no mirror: values, names and ports of ${releases.join(', ')} not checked`,
      ),
      ...broken.filter(({ isUnknown }) => isUnknown).map((one) => `${one.cluster}/${one.release}: ${one.value}: ${one.rule}`),
      ...[...shared.dumped].map(
        (key) => `${key}: the chart only hands all its values on, whether its program knows this one cannot be told`,
      ),
      ...(unknown.length === 0 ? [] : [`no definition is here of ${unknown.join(', ')}: fields of these objects not checked`]),
      ...examined.flatMap(({ unchecked }) => unchecked),
      ...(conformity === null ? ['objects were not held against schemas'] : []),
    ],
  };
}

async function verifyCluster(cluster: ResolvedCluster, shared: Shared): Promise<number> {
  // What the cluster can do beyond Kubernetes when a release's turn comes: templates ask for it.
  const apis = new Set<string>();
  // What of that is in no namespace.
  const wide = new Set<string>();
  const claims = [...beforehand(cluster.components)];
  const releases: Release[] = [];
  for (const component of cluster.components) {
    const release = `${cluster.name}/${component.id}`;
    shared.options.progress?.(release);
    const text = component.chart === null ? '' : await verifyRelease(release, component, cluster, apis, shared);
    const rendered = documentsOf(text ?? '');
    const objects = objectsOf(rendered).filter((object): object is Loose => object !== null && typeof object === 'object');
    for (const { kind, wide: isWide } of crdTexts(rendered)) if (isWide) wide.add(kind);
    claims.push(...renderedClaims(component, rendered, objects, wide));
    releases.push({
      component,
      objects: [...objects, ...component.resources],
      definitions: rendered.flatMap((document) => definitionName(document) ?? []),
      isUnknown: text === null,
    });
    if (text) judgeObjects(release, text, objects, shared);
    const resources = component.resources.map((resource) => stringify(resource)).join('---\n');
    if (component.resources.length > 0) judgeObjects(release, resources, component.resources, shared);
  }
  for (const { what, by } of clashes(claims))
    shared.findings.push({
      release: `${cluster.name}/${by.at(-1)}`,
      kind: 'collision',
      text: `${what}: ${by.slice(0, -1).join(', ')} has it too`,
    });
  shared.inventories.set(cluster.name, inventoryOf(releases, wide));
  return releases.filter(({ component, isUnknown }) => component.chart !== null && !isUnknown).length;
}

const groupOf = (crd: string): string => crd.slice(crd.indexOf('.') + 1);

/** @returns what it renders, `null` when that cannot be known */
async function verifyRelease(
  release: string,
  component: ResolvedComponent,
  { role }: ResolvedCluster,
  apis: Set<string>,
  { options, trees, known, ...shared }: Shared,
): Promise<string | null> {
  const chart = findChart(options.mirrors, component.chart!);
  if (chart === null) {
    const name = `chart ${component.chart!.name} ${component.chart!.version}`;
    shared.absent.set(name, [...(shared.absent.get(name) ?? []), release]);
    // Its definitions are then there in a real cluster, in versions that only the chart knows.
    for (const crd of component.crds) for (const version of ['v1', 'v1beta1', 'v1alpha1']) apis.add(`${groupOf(crd)}/${version}`);
    return null;
  }
  const fault = chart.digest === null ? null : otherThanLocked(chart.digest, lockedDigest(component.chart!, options.locked));
  if (fault !== null)
    shared.findings.push({ release, kind: 'archive', text: `${component.chart!.name} ${component.chart!.version}: ${fault}` });
  const input = (values: Values): RenderInput => ({
    release: component.id,
    namespace: component.namespace.name,
    chart: chart.folder,
    values,
    kubernetesVersion: options.model.kubernetesVersion,
    apis: [...apis],
  });
  // With the pods of `helm test`: a chart reads some values only there.
  const rerender = (values: Values) => options.render({ ...input(values), tests: true });
  const values = component.values as Values;
  // Clusters of one role ask for the same thing again and again, and what it makes can be large.
  const same = JSON.stringify(input(values));
  const made = shared.rendered.get(same) ?? (await options.render(input(values)));
  shared.rendered.set(same, made);
  const { text, error } = made;
  if (text === null) {
    shared.findings.push({ release, kind: 'render', text: error });
    return null;
  }
  const tree = trees.get(chart.folder) ?? readChartTree(chart.folder);
  trees.set(chart.folder, tree);
  const key = `${component.id} ${role}`;
  known.set(key, known.get(key) ?? new Map());
  for (const { path, fate } of await ghosts(values, tree, rerender, known.get(key))) {
    const name = path.map(quoted).join('.');
    if (fate === 'dumped') shared.dumped.add(`${component.id}: ${name}`);
    else shared.findings.push({ release, kind: 'ghost', text: `${name}: the chart does not read it` });
  }
  for (const { group, kind, versions } of crdTexts(documentsOf(text)))
    for (const version of versions) apis.add(`${group}/${version}`).add(`${group}/${version}/${kind}`);
  return text;
}

const quoted = (key: string): string => (/^[\w-]+$/.test(key) ? key : JSON.stringify(key));

function judgeObjects(
  release: string,
  text: string,
  objects: readonly unknown[],
  { findings, inputs }: Pick<Shared, 'findings' | 'inputs'>,
): void {
  inputs.push({ release, text });
  for (const { image, why } of imageFaults(imagesOf(objects))) findings.push({ release, kind: 'image', text: `${image}: ${why}` });
}
