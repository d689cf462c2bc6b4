import type { Step } from './steps';

/** Prints a line per step as it starts and ends, and remembers them all. */
export class Journal {
  readonly steps: Step[] = [];
  private readonly began = performance.now();

  constructor(private readonly print: (line: string) => void = (line) => console.log(line)) {}

  begin(stack: string, name: string, title: string, after: readonly string[] = []): Step {
    const step: Step = { id: stepId(stack, name), stack, title, startSeconds: this.now(), endSeconds: null, failed: false, after };
    this.steps.push(step);
    this.line(' ', step, '…');
    return step;
  }

  end(step: Step, failed = false): void {
    step.endSeconds = this.now();
    step.failed = failed;
    this.line(failed ? '✗' : '✓', step, `${(step.endSeconds - step.startSeconds).toFixed(1)} s${failed ? ', failed' : ''}`);
  }

  note(text: string): void {
    this.print(text);
  }

  /** Seconds since the run began. */
  now(): number {
    return (performance.now() - this.began) / 1000;
  }

  private line(mark: string, step: Step, text: string): void {
    this.print(`${this.now().toFixed(1).padStart(6)}  ${mark} ${step.stack.padEnd(14)} ${step.title.padEnd(30)} ${text}`);
  }
}

export const stepId = (stack: string, name: string): string => `${stack}/${name}`;
