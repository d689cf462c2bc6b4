import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../../config/package-root';
import { type Component, type Condition, catalog, type Manifest } from '../../model';
import type { StandInCrd, StandInPlan, StandInWorkload } from '../stub-chart';
import { programImage, programsOf, type StandInProgram } from '../stub-programs';
import type { ChartPin } from './lock';
import { sampleContexts } from './sample-context';

/**
 * What a stand-in for a chart has to bring, from what the catalog says of the components that the chart is for.
 * @param runnable charts whose real programs can be had. @default - none
 */
export function standInPlan(
  { name, version }: Pick<ChartPin, 'name' | 'version'>,
  components: readonly Component[] = catalog,
  runnable: readonly string[] = [],
): StandInPlan {
  const [program] = runnable.includes(name) ? programsOf([name]) : [];
  const users = components.filter(({ chart }) => chart?.name === name && chart.version === version);
  const objects = objectsOf(components);
  const awaited = components.flatMap(({ ready = [] }) => ready);
  const crds = [...new Set(users.flatMap(({ crds = [] }) => crds))].sort();
  return {
    name,
    version,
    crds: crds.map((crd) => definition(crd, objects, awaited)),
    workloads: Object.fromEntries(users.map((component) => [component.id, workloadsOf(component).map((one) => inhabited(one, program))])),
    ...(program ? { program: { runs: program.runs, image: programImage(program) } } : {}),
  };
}

const inhabited = (workload: StandInWorkload, program: StandInProgram | undefined): StandInWorkload =>
  program?.workload === `${workload.kind.toLowerCase()}/${workload.name}` ? { ...workload, program: program.chart } : workload;

const made = new WeakMap<readonly Component[], readonly Manifest[]>();

/** All that components make beside their charts, wherever they may be installed. */
function objectsOf(components: readonly Component[]): readonly Manifest[] {
  const before = made.get(components);
  if (before !== undefined) return before;
  const read = (path: string): string => {
    const file = join(packageRoot(), path);
    return existsSync(file) ? readFileSync(file, 'utf8') : '';
  };
  const contexts = sampleContexts(read);
  const objects = components.flatMap(({ resources }) => contexts.flatMap((context) => attempt(() => resources?.(context) ?? [])));
  made.set(components, objects);
  return objects;
}

/** A component need not make sense in a cluster that it is never installed in. */
function attempt(make: () => readonly Manifest[]): readonly Manifest[] {
  try {
    return make();
  } catch {
    return [];
  }
}

function definition(crd: string, objects: readonly Manifest[], awaited: readonly Condition[]): StandInCrd {
  const plural = crd.slice(0, crd.indexOf('.'));
  const group = crd.slice(crd.indexOf('.') + 1);
  const ours = objects.filter(({ apiVersion, kind }) => apiVersion.startsWith(`${group}/`) && pluralOf(kind) === plural);
  const kind = ours[0]?.kind ?? guessedKind(plural);
  const isCluster = ours.length > 0 ? ours.every(({ metadata }) => metadata.namespace === undefined) : plural.startsWith('cluster');
  const names = new Set([plural, kind.toLowerCase(), crd, `${kind.toLowerCase()}.${group}`]);
  const conditions = awaited.flatMap((one) =>
    one.kind === 'condition' && names.has(one.resource.split('/')[0]!.toLowerCase()) ? [one.condition] : [],
  );
  return {
    group,
    plural,
    kind,
    scope: isCluster ? 'Cluster' : 'Namespaced',
    versions: ours.length === 0 ? ['v1'] : [...new Set(ours.map(({ apiVersion }) => apiVersion.slice(group.length + 1)))].sort(),
    conditions: [...new Set(conditions)].sort(),
  };
}

/** As Kubernetes makes plurals. */
export function pluralOf(kind: string): string {
  const word = kind.toLowerCase();
  if (/(s|x|ch|sh)$/.test(word)) return `${word}es`;
  return /[^aeo]y$/.test(word) ? `${word.slice(0, -1)}ies` : `${word}s`;
}

/** Where no object of ours tells the kind; nobody asks for it by that name then. */
function guessedKind(plural: string): string {
  const word = plural
    .replace(/ies$/, 'y')
    .replace(/(s|x|ch|sh)es$/, '$1')
    .replace(/([^s])s$/, '$1');
  return word.charAt(0).toUpperCase() + word.slice(1);
}

const kinds = { deployment: 'Deployment', statefulset: 'StatefulSet', daemonset: 'DaemonSet' } as const;

/** Workloads that gates and checks name; else one of the component's name, unless the chart brings definitions only. */
function workloadsOf({
  id,
  namespace,
  serves = [],
  secrets = [],
  ready = [],
  checks = [],
  crds = [],
  requests = {},
}: Component): readonly StandInWorkload[] {
  const named = [
    ...ready.flatMap((condition) =>
      'resource' in condition ? [{ namespace: condition.namespace ?? namespace.name, resource: condition.resource }] : [],
    ),
    ...checks.flatMap(({ command }) => {
      const flag = command.findIndex((word) => word === '-n' || word === '--namespace');
      const place = flag < 0 ? namespace.name : command[flag + 1]!;
      return command[0] === 'kubectl' ? command.map((resource) => ({ namespace: place, resource })) : [];
    }),
  ].flatMap(({ namespace: place, resource }) => {
    const [, kind, name] = /^(deploy(?:ment)?|statefulset|sts|daemonset|ds)s?(?:\.apps)?\/([a-z0-9.-]+)$/.exec(resource) ?? [];
    const full = { deploy: 'deployment', sts: 'statefulset', ds: 'daemonset' }[kind ?? ''] ?? kind;
    return full === undefined ? [] : [{ kind: kinds[full as keyof typeof kinds], namespace: place, name: name! }];
  });
  const isDefinitionsOnly =
    crds.length > 0 && Object.values(requests).every(({ cpuMillicores, memoryMiB, perNode }) => !cpuMillicores && !memoryMiB && !perNode);
  const chosen = new Map(named.map((workload) => [`${workload.kind} ${workload.namespace} ${workload.name}`, workload]));
  if (chosen.size === 0 && !isDefinitionsOnly) chosen.set('', { kind: 'Deployment', namespace: namespace.name, name: id });
  const ports = serves.flatMap(({ port, targetPort = port }) => (typeof targetPort === 'number' && targetPort >= 1024 ? [targetPort] : []));
  return [...chosen.values()].map((workload, index) => ({
    ...workload,
    labels: index === 0 ? Object.assign({}, ...serves.map(({ selector }) => selector)) : {},
    ports: index === 0 ? ports : [],
    secrets: workload.namespace === namespace.name ? secrets.map(({ name }) => name) : [],
  }));
}
