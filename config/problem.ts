import type { FleetChange } from './change';
import { withoutRefusedShapes } from './secret-shapes';
import { mayBeShown, showName, showValue, withoutTokens } from './shown';

/** One thing that is wrong with a fleet file: where, the value found there, the rule it breaks and what to do. */
export interface FleetProblem {
  /** Name of the rule's file, or `schema`, `unknown-key`, `yaml`. */
  readonly id: string;
  readonly path: readonly (string | number)[];
  readonly value: unknown;
  readonly rule: string;
  readonly remedy: string;
  /** 1-based; absent when the value is not written in the fleet file. */
  readonly line?: number;
  /** 1-based; only of a fault of YAML itself. */
  readonly column?: number;
  /** What the remedy says as data: applied to the fleet file, the problem is gone and no new one is there. */
  readonly changes?: readonly FleetChange[];
}

/** A mistake of the person at the keyboard: printed without a stack, exit code 2. */
export class UserError extends Error {
  override readonly name = 'UserError';
  readonly exitCode = 2;

  constructor(message: string) {
    super(withoutRefusedShapes(message));
  }
}

/** Problems that one message holds. */
const mostLines = 100;

/** Everything that is wrong with one fleet, said at once. */
export class FleetError extends UserError {
  constructor(
    readonly fleet: string,
    readonly problems: readonly FleetProblem[],
  ) {
    const count = problems.length === 1 ? '1 problem' : `${problems.length} problems`;
    const left = problems.length > mostLines ? [`  and ${problems.length - mostLines} more`] : [];
    const lines = [...problems.slice(0, mostLines).map((problem) => `  ${formatProblem(problem)}`), ...left].join('\n');
    // A value that one problem does not show may be the name that a rule quotes.
    const hidden = problems.flatMap(({ value, path }) => [value, ...path]).filter((part) => typeof part === 'string' && isHidden(part));
    super(`fleet "${showName(fleet)}" has ${count}:\n${hidden.reduce<string>((text, part) => text.replaceAll(String(part), '…'), lines)}`);
  }
}

const isHidden = (text: string): boolean => text.trim().length >= 4 && !mayBeShown(text.replace(/^overlay /, ''));

/**
 * One problem in one line. Every message about a fleet file is made here: what looks like a secret, or stands where one may stand, is described and not
 * repeated.
 */
export function formatProblem({ path, value, rule, remedy, line, column }: FleetProblem): string {
  const at = line === undefined ? '' : `line ${line}${column === undefined ? '' : `, column ${column}`}`;
  const where = [at, formatPath(path)].filter((part) => part !== '').join(', ');
  const found = value === undefined ? '' : ` ${showValue(value, path)}`;
  const subject = `${where}${found}`;
  return `${subject === '' ? '' : `${subject}: `}${withoutTokens(rule)}; ${withoutTokens(remedy)}`;
}

/** `clusters[0].nodes[1].name` */
export function formatPath(path: readonly (string | number)[]): string {
  return path.reduce<string>((text, part) => {
    if (typeof part === 'number') return `${text}[${part}]`;
    return text === '' ? showName(part) : `${text}.${showName(part)}`;
  }, '');
}
