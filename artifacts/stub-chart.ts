import { cpSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { versions } from './versions';

/** A definition that later releases need. */
export interface StandInCrd {
  readonly group: string;
  readonly plural: string;
  readonly kind: string;
  readonly scope: 'Cluster' | 'Namespaced';
  /** The first one is stored. */
  readonly versions: readonly string[];
  /** Said of every object from the start. */
  readonly conditions: readonly string[];
}

export interface StandInWorkload {
  readonly kind: 'Deployment' | 'StatefulSet' | 'DaemonSet';
  readonly name: string;
  readonly namespace: string;
  /** Of the pods: what selectors of services look for. */
  readonly labels: Readonly<Record<string, string>>;
  readonly ports: readonly number[];
  /** Secrets of its namespace that are laid down before the release: it does not start without them, as what it stands for would not. */
  readonly secrets: readonly string[];
  /** Name of the file in `stand-in-programs/` that makes it, where a real program runs in it. @default - none: it answers on its ports, with nothing */
  readonly program?: string;
}

/** A chart that cannot be had here: what has to be there so that everything after it can be installed. */
export interface StandInPlan {
  readonly name: string;
  readonly version: string;
  readonly crds: readonly StandInCrd[];
  /** By release: the same chart may be installed twice. */
  readonly workloads: Readonly<Record<string, readonly StandInWorkload[]>>;
  /** The real program that runs in it after all, for reports, and its image. */
  readonly program?: { readonly runs: string; readonly image: string };
}

const planFile = 'stand-in.json';

/** Its mark in Chart.yaml and on every object that it makes. */
export const standInMark = 'flotilla.dev/stand-in';

/** Writes the chart to a folder, unless it is there as it should be. */
export function writeStandIn(root: string, plan: StandInPlan, folder: string): void {
  const { name, version, program, workloads } = plan;
  const text = `${JSON.stringify({ image: `docker.io/library/busybox:${versions.busybox}`, ...plan }, null, 2)}\n`;
  const skeleton = join(root, 'artifacts', 'stub-chart');
  rmSync(folder, { recursive: true, force: true });
  cpSync(skeleton, folder, { recursive: true });
  for (const own of new Set(Object.values(workloads).flatMap((some) => some.flatMap((workload) => workload.program ?? []))))
    cpSync(join(root, 'artifacts', 'stub-programs', `${own}.yaml`), join(folder, 'templates', `workloads-${own}.yaml`));
  writeFileSync(
    join(folder, 'Chart.yaml'),
    [
      'apiVersion: v2',
      `name: ${name}`,
      `version: ${version}`,
      'type: application',
      `description: A STAND-IN, not ${name}. It has its definitions and the pods that others wait for, and ${program ? `in them ${program.runs}` : 'nothing else'}`,
      `annotations: {${standInMark}: "true"}`,
      '',
    ].join('\n'),
  );
  writeFileSync(join(folder, planFile), text);
}

/** What a stand-in chart says of itself, `null` for any other chart. */
export function readStandIn(chartFolder: string): StandInPlan | null {
  return isStandIn(chartFolder) ? JSON.parse(readFileSync(join(chartFolder, planFile), 'utf8')) : null;
}

export function isStandIn(chartFolder: string): boolean {
  const file = join(chartFolder, 'Chart.yaml');
  return existsSync(file) && readFileSync(file, 'utf8').includes(standInMark);
}
