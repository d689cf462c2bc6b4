/** A program that a step ran, and what it said. */
export interface Command {
  readonly line: string;
  /** 127: not found, 124: ended because its time was over. */
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  readonly seconds: number;
}

export interface Context {
  /** Runs a program to its end; never throws. @param timeoutSeconds default 60 */
  readonly run: (program: string, args: readonly string[], timeoutSeconds?: number) => Promise<Command>;
  /** Starts a program that goes on when the step is over; it is ended with the self-test. */
  readonly start: (program: string, args: readonly string[]) => void;
  /** Runs this very command, e.g. `flotilla('up')`, on the fleet of the self-test. */
  readonly flotilla: (verb: string, args: readonly string[], timeoutSeconds: number) => Promise<Command>;
  /** Names of the two throw-away machines. */
  readonly machines: readonly [string, string];
  /** What earlier steps have found out, e.g. addresses. */
  readonly facts: Map<string, string>;
}

export interface Observation {
  readonly ok: boolean;
  readonly found: string;
  /** What to do when it is not ok. */
  readonly remedy?: string;
}

export interface Step {
  readonly id: string;
  /** What it shows, as a sentence that can be false. */
  readonly shows: string;
  readonly on: readonly NodeJS.Platform[];
  /** Ids of steps without which this one cannot tell anything. */
  readonly needs?: readonly string[];
  /** Runs also when something before it failed: takes down what others made. */
  readonly cleansUp?: true;
  readonly run: (context: Context) => Promise<Observation>;
}

export type Verdict = 'ok' | 'failed' | 'skipped' | 'not on this host';

export interface Result extends Pick<Step, 'id' | 'shows'> {
  readonly verdict: Verdict;
  readonly found: string;
  readonly remedy: string;
  readonly seconds: number;
  readonly commands: readonly Command[];
}
