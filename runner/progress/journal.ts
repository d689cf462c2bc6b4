import { LiveTree, openTerminal } from './live';
import type { Step } from './steps';
import type { Audience, StackState } from './tree';

/** Tells of each step as it starts and ends, and remembers them all. */
export class Journal {
  readonly steps: Step[] = [];
  private readonly began = performance.now();
  private readonly audience: Audience;

  /** @param print gets a line per step. @default - a tree that is redrawn in place on a terminal, lines on stdout elsewhere and where CI is set */
  constructor(print?: (line: string) => void) {
    const terminal = print === undefined ? openTerminal() : null;
    this.audience = terminal === null ? lines(print ?? ((line) => console.log(line))) : new LiveTree(terminal, () => this.now());
  }

  begin(stack: string, name: string, title: string, after: readonly string[] = []): Step {
    const step: Step = { id: stepId(stack, name), stack, title, startSeconds: this.now(), endSeconds: null, failed: false, after };
    this.steps.push(step);
    this.audience.begun(step);
    return step;
  }

  end(step: Step, failed = false): void {
    step.endSeconds = this.now();
    step.failed = failed;
    this.audience.ended(step);
  }

  /** Where a stack stands as a whole; those of which nothing is said are judged by their steps. */
  stackIs(stack: string, state: StackState): void {
    this.audience.stackIs(stack, state);
  }

  note(text: string): void {
    this.audience.note(text);
  }

  /** Nothing more is redrawn: to be called before anything is printed that belongs below the steps. */
  close(): void {
    this.audience.close();
  }

  /** Seconds since the run began. */
  now(): number {
    return (performance.now() - this.began) / 1000;
  }
}

/** A line as a step starts, and one as it ends. */
function lines(print: (line: string) => void): Audience {
  const line = (seconds: number, mark: string, { stack, title }: Step, text: string): void =>
    print(`${seconds.toFixed(1).padStart(6)}  ${mark} ${stack.padEnd(14)} ${title.padEnd(30)} ${text}`);
  return {
    begun: (step) => line(step.startSeconds, ' ', step, '…'),
    ended: (step) => {
      const end = step.endSeconds ?? step.startSeconds;
      line(end, step.failed ? '✗' : '✓', step, `${(end - step.startSeconds).toFixed(1)} s${step.failed ? ', failed' : ''}`);
    },
    stackIs: () => {},
    note: print,
    close: () => {},
  };
}

export const stepId = (stack: string, name: string): string => `${stack}/${name}`;
