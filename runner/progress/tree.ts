import type { Step } from './steps';

export type StackState = 'waiting' | 'running' | 'done' | 'failed' | 'skipped';

/** Who is told of a run as it goes on. */
export interface Audience {
  readonly begun: (step: Step) => void;
  readonly ended: (step: Step) => void;
  readonly stackIs: (stack: string, state: StackState) => void;
  readonly note: (text: string) => void;
  readonly close: () => void;
}

/** A stack of which a state was told, in seconds since the run began. */
export interface StackView {
  readonly state: StackState;
  readonly sinceSeconds: number | null;
  readonly endSeconds: number | null;
}

export interface TreeView {
  readonly steps: readonly Step[];
  /** In the order in which they are shown; `null` for those that are judged by their steps. */
  readonly stacks: ReadonlyMap<string, StackView | null>;
  readonly nowSeconds: number;
}

export interface Screen {
  readonly columns: number;
  readonly rows: number;
  readonly colors: boolean;
}

interface Line {
  readonly state: StackState;
  readonly isStep: boolean;
  readonly text: string;
  readonly seconds: number | null;
}

const spinner = '⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏';
const secondsWidth = 9;
const widest = 64;
const shown: Readonly<Record<StackState, { readonly color: number; readonly word: string }>> = {
  waiting: { color: 2, word: 'waiting' },
  running: { color: 36, word: 'running' },
  done: { color: 32, word: 'done' },
  failed: { color: 31, word: 'failed' },
  skipped: { color: 33, word: 'not begun' },
};
const mark = (state: StackState, nowSeconds: number): string =>
  ({ waiting: '·', running: spinner[Math.floor(nowSeconds * 10) % spinner.length]!, done: '✓', failed: '✗', skipped: '-' })[state];

/**
 * A run at one moment: a line per stack, below it the steps that run and those that failed; what is over is folded into a number. Never
 * higher than the screen less the line of the cursor, never as wide as it; what does not fit is counted in the last line, failures last.
 */
export function renderTree(view: TreeView, screen: Screen): readonly string[] {
  const lines = [...view.stacks].flatMap(([name, told]) => stackLines(name, told, view));
  const room = Math.max(1, screen.rows - 1);
  const kept = lines.length <= room ? lines : mostImportant(lines, room - 1);
  const left = lines.filter((line) => !kept.includes(line));
  const drawn = kept.map((line) => draw(line, view.nowSeconds, screen));
  return left.length === 0 ? drawn : [...drawn, cut(`… ${countOf(left)} not shown`, screen.columns - 1)];
}

function stackLines(name: string, told: StackView | null, { steps, stacks, nowSeconds }: TreeView): readonly Line[] {
  const mine = steps.filter(({ stack }) => stack === name);
  const open = mine.filter(({ endSeconds }) => endSeconds === null);
  const failed = mine.filter((step) => step.failed);
  const { state, sinceSeconds, endSeconds } = told ?? judge(mine);
  const over = mine.length - open.length - failed.length;
  const width = Math.max(...[...stacks.keys()].map(({ length }) => length));
  const folded = over === 0 ? '' : over === 1 && mine.length === 1 ? mine[0]!.title : `${over} ${over === 1 ? 'step' : 'steps'} done`;
  const seconds = sinceSeconds === null ? null : (endSeconds ?? nowSeconds) - sinceSeconds;
  const below = [...failed, ...open].map(
    (step): Line => ({
      state: step.failed ? 'failed' : 'running',
      isStep: true,
      text: step.title,
      seconds: (step.endSeconds ?? nowSeconds) - step.startSeconds,
    }),
  );
  const detail = state === 'waiting' || state === 'skipped' ? shown[state].word : folded;
  return [{ state, isStep: false, text: `${name.padEnd(width)}  ${detail}`.trimEnd(), seconds }, ...below];
}

function judge(steps: readonly Step[]): StackView {
  const isOpen = steps.some(({ endSeconds }) => endSeconds === null);
  return {
    state: isOpen ? 'running' : steps.some(({ failed }) => failed) ? 'failed' : 'done',
    sinceSeconds: Math.min(...steps.map(({ startSeconds }) => startSeconds)),
    endSeconds: isOpen ? null : Math.max(...steps.map(({ endSeconds }) => endSeconds!)),
  };
}

/** What a person would miss most. */
const importance = ({ state, isStep }: Line): number =>
  ({ waiting: 0, done: 1, skipped: 2, running: isStep ? 3 : 4, failed: isStep ? 5 : 6 })[state];

function mostImportant(lines: readonly Line[], room: number): readonly Line[] {
  const ranked = lines.map((line, index) => ({ line, index })).sort((a, b) => importance(b.line) - importance(a.line) || a.index - b.index);
  const kept = new Set(ranked.slice(0, room).map(({ line }) => line));
  return lines.filter((line) => kept.has(line));
}

function countOf(lines: readonly Line[]): string {
  const counts = new Map<StackState, number>();
  for (const { state } of lines) counts.set(state, (counts.get(state) ?? 0) + 1);
  return [...counts].map(([state, count]) => `${count} ${shown[state].word}`).join(', ');
}

function draw({ state, isStep, text, seconds }: Line, nowSeconds: number, { columns, colors }: Screen): string {
  // One column stays free: what stands in the last one is lost on some terminals when the rest of the line is cleared.
  const width = Math.min(columns - 1, widest);
  const indent = isStep ? '    ' : '';
  const time = seconds === null ? '' : `${seconds.toFixed(1)} s`.padStart(secondsWidth);
  const label = cut(text, width - indent.length - 2 - secondsWidth);
  const line = `${indent}${mark(state, nowSeconds)} ${time === '' ? label : label.padEnd(width - indent.length - 2 - secondsWidth)}${time}`;
  if (line.length > width) return cut(line, width);
  if (!colors) return line;
  const from = indent.length + (state === 'waiting' ? 0 : 1);
  const painted = state === 'waiting' ? line.slice(indent.length) : mark(state, nowSeconds);
  return `${indent}\x1b[${shown[state].color}m${painted}\x1b[0m${state === 'waiting' ? '' : line.slice(from)}`;
}

const cut = (text: string, width: number): string =>
  text.length <= width ? text : width <= 1 ? text.slice(0, Math.max(0, width)) : `${text.slice(0, width - 1)}…`;
