import { statSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import { type FleetFile, readFleetFile, readOverlayFile } from './fleet-file';
import { layOverlay, type OverlayDecision } from './overlay';
import { fitOverlay } from './overlay-faults';
import { overlaySchema } from './overlay-schema';
import { salvage } from './partial-parse';
import type { FleetProblem } from './problem';
import { readYaml } from './read-yaml';
import { type FleetSpec, fleetSchema } from './schema';
import { standIn } from './stand-in';
import { tidy } from './tidy';

/** A fleet file as read. Problems are carried along so that the model can add its own and speak once. */
export interface LoadedFleet {
  readonly name: string;
  readonly overlay: string | null;
  /** What the overlay changed on purpose, to be told. */
  readonly decisions: readonly OverlayDecision[];
  readonly file: string;
  /** What could be understood, faulty parts left out; `null` when nothing could. */
  readonly spec: FleetSpec | null;
  /** What stands under `x-*` keys: it belongs to the author, and is looked through for secrets only. */
  readonly extensions: readonly { readonly path: FleetProblem['path']; readonly value: unknown }[];
  readonly problems: readonly FleetProblem[];
  /** A problem found in `spec`, at its place in the file and with its line (no line when an overlay is laid over). */
  readonly locate: (problem: FleetProblem) => FleetProblem;
}

/**
 * Reads `<root>/fleets/<name>.yaml` (or a path ending in .yaml) and lays `<root>/fleets/overlays/<overlay>.yaml` over it; what the root lacks is
 * taken from the fleets that come with Flotilla. Throws UserError when a file cannot be read.
 */
export function loadFleet(options: { readonly root: string; readonly fleet: string; readonly overlay?: string | null }): LoadedFleet {
  const { root, overlay } = options;
  const over = overlay ? { name: overlay, text: readOverlayFile(root, overlay).text } : null;
  const loaded = parseFleet({ ...readFleetFile(root, options.fleet), overlay: over });
  return { ...loaded, problems: [...loaded.problems, ...mirrorProblems(loaded, root)] };
}

/** A folder of charts that is not there would be left aside without a word. */
function mirrorProblems({ spec, locate }: LoadedFleet, root: string): readonly FleetProblem[] {
  const mirror = spec?.charts.mirror;
  if (mirror === undefined || statSync(resolve(root, mirror), { throwIfNoEntry: false })?.isDirectory()) return [];
  const remedy = 'name a folder of Helm charts, or leave it out to take charts from their repositories';
  return [locate({ id: 'charts-mirror', path: ['charts', 'mirror'], value: mirror, rule: 'is not a folder', remedy })];
}

export function parseFleet(input: FleetFile & { readonly overlay?: { readonly name: string; readonly text: string } | null }): LoadedFleet {
  const base = readYaml(input.text);
  const tidied = tidy(fleetSchema, base.tree);
  const over = input.overlay ? readOverlay(input.overlay, tidied.tree) : null;
  const { tree, decisions } = over === null ? { tree: tidied.tree, decisions: [] } : layOverlay(tidied.tree, over.tree);
  const { spec, problems, original } = tree === null ? nothing : salvage(fleetSchema, tree, standIn);
  const withLine = (problem: FleetProblem): FleetProblem => {
    const line = over === null ? base.lineOf(problem.path) : undefined;
    return line === undefined ? problem : { ...problem, line };
  };
  return {
    name: spec?.name ?? basename(input.file).replace(/\.ya?ml$/, ''),
    overlay: input.overlay?.name ?? null,
    decisions,
    file: input.file,
    spec,
    extensions: [...tidied.extensions, ...(over?.extensions ?? [])],
    problems: [...base.problems, ...(over?.problems ?? []), ...problems.map(withLine)],
    locate: ({ changes, ...problem }) =>
      withLine({
        ...problem,
        path: original(problem.path),
        ...(changes === undefined ? {} : { changes: changes.map((change) => ({ ...change, path: original(change.path) })) }),
      }),
  };
}

const nothing = {
  spec: null,
  problems: [
    {
      id: 'schema',
      path: [],
      value: undefined,
      rule: 'the file is empty',
      remedy: 'begin with a copy of fleets/lab.yaml',
    },
  ] satisfies FleetProblem[],
  original: (path: FleetProblem['path']) => path,
};

/** An overlay as far as it can be understood and fits the fleet; its problems carry its name and its own lines. */
function readOverlay({ name, text }: { readonly name: string; readonly text: string }, fleet: unknown) {
  const { tree, problems: faults, lineOf } = readYaml(text);
  const tidied = tidy(overlaySchema, tree ?? (faults.length > 0 ? undefined : {}));
  const { rest, problems } = salvage(overlaySchema, tidied.tree);
  const fitted = fitOverlay(fleet, rest ?? {});
  const placed = [...problems, ...fitted.problems].map((problem): FleetProblem => {
    const line = lineOf(problem.path);
    return line === undefined ? problem : { ...problem, line };
  });
  const named = <P extends { readonly path: FleetProblem['path'] }>(one: P): P => ({ ...one, path: [`overlay ${name}`, ...one.path] });
  return { tree: fitted.tree, problems: [...faults, ...placed].map(named), extensions: tidied.extensions.map(named) };
}
