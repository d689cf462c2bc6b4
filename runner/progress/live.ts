import { stripVTControlCharacters } from 'node:util';
import { withDeployment } from '../printed-commands';
import type { Step } from './steps';
import { type Audience, renderTree, type StackState, type StackView } from './tree';

/** A terminal as the live tree needs it; given, so that a test can read what is drawn. */
export interface Terminal {
  readonly write: (text: string) => void;
  readonly size: () => { readonly columns: number; readonly rows: number };
  readonly colors: boolean;
  /** Calls `aside` around everything that others write, and `draw` some times a second. @returns how to end that */
  readonly attach: (tree: { readonly draw: () => void; readonly aside: (write: () => void) => void }) => () => void;
}

const open = new Set<LiveTree>();

/** Leaves every tree as it stands, for who has to say why a run ends. */
export const closeLiveTrees = (): void => {
  for (const tree of open) tree.close();
};

/** Redraws a run in place. Begins with the first step. */
export class LiveTree implements Audience {
  private readonly steps: Step[] = [];
  private readonly stacks = new Map<string, StackView | null>();
  private drawn: readonly string[] = [];
  private detach: (() => void) | null = null;

  constructor(
    private readonly terminal: Terminal,
    private readonly now: () => number,
  ) {}

  begun(step: Step): void {
    this.steps.push(step);
    if (!this.stacks.has(step.stack)) this.stacks.set(step.stack, null);
    this.begin();
    this.draw();
  }

  ended(_step: Step): void {
    this.draw();
  }

  stackIs(stack: string, state: StackState): void {
    const before = this.stacks.get(stack);
    const isOver = state !== 'waiting' && state !== 'running';
    this.stacks.set(stack, {
      state,
      sinceSeconds: before?.sinceSeconds ?? (state === 'running' ? this.now() : null),
      endSeconds: isOver ? this.now() : null,
    });
    this.draw();
  }

  note(text: string): void {
    this.aside(() => this.terminal.write(`${withDeployment(text)}\n`));
  }

  close(): void {
    if (this.detach === null) return;
    this.draw(Number.POSITIVE_INFINITY);
    this.terminal.write('\x1b[?25h');
    // Last: until then a second Ctrl-C is ours to hear, after that it ends the program on the spot.
    this.detach();
    this.detach = null;
    this.drawn = [];
    open.delete(this);
  }

  draw(rows?: number): void {
    if (this.detach === null) return;
    const { steps, stacks, terminal } = this;
    const size = terminal.size();
    const lines = renderTree({ steps, stacks, nowSeconds: this.now() }, { ...size, rows: rows ?? size.rows, colors: terminal.colors });
    terminal.write(`${this.back()}${lines.map((line) => `${line}\x1b[K\n`).join('')}\x1b[J`);
    this.drawn = lines;
  }

  /** Takes the tree off the screen for what somebody else writes, which stays above it. */
  aside(write: () => void): void {
    if (this.drawn.length > 0) this.terminal.write(`${this.back()}\x1b[J`);
    this.drawn = [];
    write();
    this.draw();
  }

  private begin(): void {
    if (this.detach !== null) return;
    this.terminal.write('\x1b[?25l');
    this.detach = this.terminal.attach({ draw: () => this.draw(), aside: (write) => this.aside(write) });
    open.add(this);
  }

  /** To the beginning of what was drawn; a terminal that was made narrower meanwhile has broken its lines. */
  private back(): string {
    const { columns } = this.terminal.size();
    const height = this.drawn.reduce((sum, line) => sum + Math.max(1, Math.ceil(stripVTControlCharacters(line).length / columns)), 0);
    return height === 0 ? '' : `\x1b[${height}A\r`;
  }
}

const redrawMs = 200;
const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** The terminal that stdout is, `null` where there is none, it cannot move its cursor, or a machine reads along. */
export function openTerminal(environment: NodeJS.ProcessEnv = process.env): Terminal | null {
  const { stdout } = process;
  if (!stdout.isTTY || environment.CI || environment.TERM === 'dumb') return null;
  const write = stdout.write.bind(stdout);
  return {
    write: (text) => void write(text),
    size: () => ({ columns: stdout.columns || 80, rows: stdout.rows || 24 }),
    colors: !environment.NO_COLOR,
    attach: ({ draw, aside }) => {
      const timer = setInterval(draw, redrawMs).unref();
      const restore = [process.stdout, ...(process.stderr.isTTY ? [process.stderr] : [])].map((stream) => overhear(stream, aside));
      const detach = (): void => {
        clearInterval(timer);
        for (const undo of restore) undo();
        process.off('exit', closeLiveTrees);
        for (const signal of signals) process.off(signal, leave);
      };
      const leave = (signal: NodeJS.Signals): void => {
        // Whoever else listens decides what becomes of the run.
        if (process.listenerCount(signal) > 1) return;
        closeLiveTrees();
        process.kill(process.pid, signal);
      };
      process.on('exit', closeLiveTrees);
      for (const signal of signals) process.on(signal, leave);
      return detach;
    },
  };
}

/** Lets `aside` surround all that is written to a stream. @returns how to end that */
function overhear(stream: NodeJS.WriteStream, aside: (write: () => void) => void): () => void {
  const write = stream.write;
  stream.write = ((...given: Parameters<typeof write>): boolean => {
    const isWhole = String(given[0]).endsWith('\n');
    aside(() => {
      write.apply(stream, given);
      if (!isWhole) write.call(stream, '\n');
    });
    return true;
  }) as typeof write;
  return () => {
    stream.write = write;
  };
}
