import { type Document, type ErrorCode, isNode, LineCounter, parseDocument } from 'yaml';
import type { FleetProblem } from './problem';
import { yamlFault } from './yaml-faults';
import { treeFaults } from './yaml-tree-faults';

/** Longest fleet file or overlay that is read, in characters. */
const longest = 1024 * 1024;

/** Faults of the parser that are reported at once. */
const mostFaults = 10;

export interface ReadYaml {
  /** What JSON can carry of it, no part shared with another; `undefined` when it could not be understood. */
  readonly tree: unknown;
  readonly problems: readonly FleetProblem[];
  /** 1-based line of what is at a path, or of the nearest thing around it that is written in the file. */
  readonly lineOf: (path: readonly (string | number)[]) => number | undefined;
}

/** Reads YAML 1.2 with merge keys (`<<`). A problem names line, column, cause and remedy, and quotes nothing. Never throws. */
export function readYaml(text: string): ReadYaml {
  const problem = (at: { line?: number; column?: number }, rule: string, remedy: string): FleetProblem => ({
    id: 'yaml',
    path: [],
    value: undefined,
    rule,
    remedy,
    ...at,
  });
  const failed = (...problems: FleetProblem[]): ReadYaml => ({ tree: undefined, problems, lineOf: () => undefined });
  if (text.length > longest) return failed(problem({}, `has ${text.length} characters, more than ${longest}`, 'keep large data out of it'));
  try {
    const lines = new LineCounter();
    const place = (offset: number) => {
      const { line, col } = lines.linePos(offset);
      return { line, column: Math.max(col, 1) };
    };
    const document = parseDocument(text, {
      lineCounter: lines,
      uniqueKeys: true,
      prettyErrors: false,
      logLevel: 'error',
      schema: 'core',
      merge: true,
      resolveKnownTags: false,
    });
    const errors = [...document.errors, ...document.warnings];
    // One fault makes the parser stumble over what follows.
    const byParser = errors.slice(0, mostFaults).map(({ code, pos }) => {
      const { rule, remedy } = yamlFault(code);
      return problem(place(pos[0]), rule, remedy);
    });
    const isBroken = ({ code }: { readonly code: ErrorCode }) => code !== 'DUPLICATE_KEY';
    if (errors.some(isBroken)) return failed(...byParser);
    const byTree = treeFaults(document).map(({ offset, rule, remedy }) => problem(place(offset), rule, remedy));
    const problems = [...byParser, ...byTree];
    if (byTree.length > 0) return failed(...problems);
    const tree: unknown = JSON.parse(JSON.stringify(document.toJS() ?? null));
    return { tree, problems, lineOf: (path) => lineAt(document, lines, path) };
  } catch (error) {
    if (error instanceof RangeError) return failed(problem({}, 'is nested too deeply', 'flatten it'));
    if (error instanceof ReferenceError) return failed(problem({}, 'repeats its aliases (*name) too often', 'write values in their place'));
    throw error;
  }
}

function lineAt(document: Document, lines: LineCounter, path: readonly (string | number)[]): number | undefined {
  for (let length = path.length; length > 0; length--) {
    const node = document.getIn(path.slice(0, length), true);
    if (isNode(node) && node.range) return lines.linePos(node.range[0]).line;
  }
  return undefined;
}
