import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { type Document, isNode, LineCounter, parseDocument } from 'yaml';
import { suggestion } from './nearest';
import { layOverlay, type OverlayDecision } from './overlay';
import { overlaySchema } from './overlay-schema';
import { packageRoot } from './package-root';
import { type FleetProblem, UserError } from './problem';
import { salvage } from './salvage';
import { type FleetSpec, fleetSchema } from './schema';

/** A fleet file as read. Problems are carried along so that the model can add its own and speak once. */
export interface LoadedFleet {
  readonly name: string;
  readonly overlay: string | null;
  /** What the overlay changed on purpose, to be told. */
  readonly decisions: readonly OverlayDecision[];
  readonly file: string;
  /** What could be understood, faulty parts left out; `null` when nothing could. */
  readonly spec: FleetSpec | null;
  readonly problems: readonly FleetProblem[];
  /** A problem found in `spec`, at its place in the file and with its line (no line when an overlay is laid over). */
  readonly locate: (problem: FleetProblem) => FleetProblem;
}

/**
 * Reads `<root>/fleets/<name>.yaml` (or a path ending in .yaml) and lays `<root>/fleets/overlays/<overlay>.yaml` over it; what the root lacks is
 * taken from the fleets that come with Flotilla. Throws UserError when a file is missing.
 */
export function loadFleet(options: { readonly root: string; readonly fleet: string; readonly overlay?: string | null }): LoadedFleet {
  const isPath = /\.ya?ml$/.test(options.fleet);
  const find = (path: string): string =>
    [options.root, packageRoot()].map((root) => join(root, 'fleets', path)).find(existsSync) ?? join(options.root, 'fleets', path);
  const file = isPath ? options.fleet : find(`${options.fleet}.yaml`);
  const overlayFile = options.overlay ? find(join('overlays', `${options.overlay}.yaml`)) : null;
  const text = readNamed('fleet', options.fleet, file);
  const overlay = overlayFile === null ? null : { name: options.overlay!, text: readNamed('overlay', options.overlay!, overlayFile) };
  return parseFleet({ file, text, overlay });
}

export function parseFleet(input: {
  readonly file: string;
  readonly text: string;
  readonly overlay?: { readonly name: string; readonly text: string } | null;
}): LoadedFleet {
  const base = readYaml(input.text);
  const over = input.overlay ? readOverlay(input.overlay) : null;
  const { tree, decisions } = over === null ? { tree: base.tree, decisions: [] } : layOverlay(base.tree, over.tree);
  const { spec, problems, original } = salvage(fleetSchema, tree);
  const withLine = (problem: FleetProblem): FleetProblem => {
    const line = over === null ? lineAt(base.document, base.lines, problem.path) : undefined;
    return line === undefined ? problem : { ...problem, line };
  };
  return {
    name: spec?.name ?? basename(input.file).replace(/\.ya?ml$/, ''),
    overlay: input.overlay?.name ?? null,
    decisions,
    file: input.file,
    spec,
    problems: [...base.problems, ...(over?.problems ?? []), ...problems.map(withLine)],
    locate: ({ changes, ...problem }) =>
      withLine({
        ...problem,
        path: original(problem.path),
        ...(changes === undefined ? {} : { changes: changes.map((change) => ({ ...change, path: original(change.path) })) }),
      }),
  };
}

/** An overlay as far as it can be understood; its problems carry its name and its own lines. */
function readOverlay({ name, text }: { readonly name: string; readonly text: string }) {
  const { document, lines, problems: faults, tree } = readYaml(text);
  const { rest, problems } = salvage(overlaySchema, tree ?? (faults.length > 0 ? undefined : {}));
  const placed = problems.map((problem): FleetProblem => {
    const line = lineAt(document, lines, problem.path);
    return line === undefined ? problem : { ...problem, line };
  });
  return {
    tree: rest ?? {},
    problems: [...faults, ...placed].map((problem) => ({ ...problem, path: [`overlay ${name}`, ...problem.path] })),
  };
}

function readNamed(kind: 'fleet' | 'overlay', name: string, file: string): string {
  if (existsSync(file)) return readFileSync(file, 'utf8');
  const folder = join(file, '..');
  const known = existsSync(folder)
    ? readdirSync(folder)
        .filter((entry) => entry.endsWith('.yaml'))
        .map((entry) => entry.replace(/\.yaml$/, ''))
    : [];
  const remedy = known.length === 0 ? `write ${file}` : suggestion(name, known);
  throw new UserError(`${kind} "${name}": there is no ${file}; ${remedy}`);
}

function readYaml(text: string) {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, uniqueKeys: true, prettyErrors: false });
  const problems = document.errors.map(
    (error): FleetProblem => ({
      id: 'yaml',
      path: [],
      value: undefined,
      rule: `is not the YAML that it should be: ${error.message}`,
      remedy: error.code === 'DUPLICATE_KEY' ? 'keep one of the two' : 'look at the indentation and quotes there',
      line: lines.linePos(error.pos[0]).line,
    }),
  );
  const broken = document.errors.some((error) => error.code !== 'DUPLICATE_KEY');
  if (broken) return { document, lines, problems, tree: undefined };
  try {
    return { document, lines, problems, tree: document.toJS() as unknown };
  } catch (error) {
    // Aliases are followed only now: one without an anchor, or a bomb of them, is found here.
    const rule = `is not the YAML that it should be: ${(error as Error).message}`;
    const problem: FleetProblem = { id: 'yaml', path: [], value: undefined, rule, remedy: 'write the value in place of the alias (*name)' };
    return { document, lines, problems: [...problems, problem], tree: undefined };
  }
}

function lineAt(document: Document, lines: LineCounter, path: readonly (string | number)[]): number | undefined {
  for (let length = path.length; length > 0; length--) {
    const node = document.getIn(path.slice(0, length), true);
    if (isNode(node) && node.range) return lines.linePos(node.range[0]).line;
  }
  return undefined;
}
