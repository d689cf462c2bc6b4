import type { FleetChange } from './change';

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
  /** What the remedy says as data: applied to the fleet file, the problem is gone and no new one is there. */
  readonly changes?: readonly FleetChange[];
}

/** A mistake of the person at the keyboard: printed without a stack, exit code 2. */
export class UserError extends Error {
  override readonly name = 'UserError';
  readonly exitCode = 2;
}

/** Everything that is wrong with one fleet, said at once. */
export class FleetError extends UserError {
  constructor(
    readonly fleet: string,
    readonly problems: readonly FleetProblem[],
  ) {
    const count = problems.length === 1 ? '1 problem' : `${problems.length} problems`;
    super(`fleet "${fleet}" has ${count}:\n${problems.map((problem) => `  ${formatProblem(problem)}`).join('\n')}`);
  }
}

export function formatProblem({ path, value, rule, remedy, line }: FleetProblem): string {
  const where = [line === undefined ? '' : `line ${line}`, formatPath(path)].filter((part) => part !== '').join(', ');
  const found = value === undefined ? '' : ` ${typeof value === 'string' ? value : JSON.stringify(value)}`;
  return `${where}${found}: ${rule}; ${remedy}`;
}

/** `clusters[0].nodes[1].name` */
export function formatPath(path: readonly (string | number)[]): string {
  return path.reduce<string>((text, part) => (typeof part === 'number' ? `${text}[${part}]` : text === '' ? part : `${text}.${part}`), '');
}
