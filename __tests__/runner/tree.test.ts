import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import fc from 'fast-check';
import { LiveTree, openTerminal, type Terminal } from '../../runner/progress/live';
import type { Step } from '../../runner/progress/steps';
import { renderTree, type Screen, type StackView, type TreeView } from '../../runner/progress/tree';
import { VirtualScreen } from './virtual-screen';

const screen: Screen = { columns: 80, rows: 24, colors: false };
const step = (stack: string, title: string, startSeconds: number, endSeconds: number | null = null, failed = false): Step => ({
  id: `${stack}/${title}`,
  stack,
  title,
  startSeconds,
  endSeconds,
  failed,
  after: [],
});
const told = (state: StackView['state'], sinceSeconds: number | null = null, endSeconds: number | null = null): StackView => ({
  state,
  sinceSeconds,
  endSeconds,
});

const run: TreeView = {
  nowSeconds: 12.5,
  stacks: new Map<string, StackView | null>([
    ['fleet', null],
    ['foundation', told('done', 1, 3)],
    ['hub', told('running', 3)],
    ['edge', told('failed', 3, 9)],
    ['hub-platform', told('waiting')],
    ['edge-platform', told('skipped')],
  ]),
  steps: [
    step('fleet', 'synthesize', 0, 1),
    step('foundation', 'ssh-key', 1, 2),
    step('foundation', 'lab', 1, 3),
    step('hub', 'terraform plan', 3, 4),
    step('hub', 'machine-hub-cp-1', 4.2),
    step('hub', 'machine-hub-worker-1', 4.3),
    step('edge', 'terraform plan', 3, 4),
    step('edge', 'machine-edge-cp-1', 4, 9, true),
  ],
};

test('a run at one moment: what is over is folded, what runs and what failed stands below its stack', () => {
  expect(renderTree(run, screen)).toEqual([
    '✓ fleet          synthesize                                1.0 s',
    '✓ foundation     2 steps done                              2.0 s',
    '⠴ hub            1 step done                               9.5 s',
    '    ⠴ machine-hub-cp-1                                     8.3 s',
    '    ⠴ machine-hub-worker-1                                 8.2 s',
    '✗ edge           1 step done                               6.0 s',
    '    ✗ machine-edge-cp-1                                    5.0 s',
    '· hub-platform   waiting',
    '- edge-platform  not begun',
  ]);
});

test('on a low screen the failures stay, the rest is counted', () => {
  expect(renderTree(run, { ...screen, rows: 6 })).toEqual([
    '⠴ hub            1 step done                               9.5 s',
    '    ⠴ machine-hub-cp-1                                     8.3 s',
    '✗ edge           1 step done                               6.0 s',
    '    ✗ machine-edge-cp-1                                    5.0 s',
    '… 2 done, 1 running, 1 waiting, 1 not begun not shown',
  ]);
});

test('colours are put around marks and change no other character', () => {
  const painted = renderTree(run, { ...screen, colors: true });
  expect(painted.join('')).toContain('\x1b[31m✗\x1b[0m edge');
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is taken away
  expect(painted.map((line) => line.replace(/\x1b\[\d+m/g, ''))).toEqual(renderTree(run, screen));
});

/** Any run of events, on a screen that may change its size in between. */
const events = fc.array(
  fc.oneof(
    fc.record({
      kind: fc.constant('begin' as const),
      stack: fc.nat(7),
      title: fc.string({ minLength: 1, maxLength: 90, unit: fc.constantFrom('a', '-', 'Z') }),
    }),
    fc.record({ kind: fc.constant('end' as const), which: fc.nat(30), failed: fc.boolean() }),
    fc.record({
      kind: fc.constant('state' as const),
      stack: fc.nat(7),
      state: fc.constantFrom('waiting', 'running', 'done', 'failed', 'skipped'),
    }),
    fc.record({ kind: fc.constant('note' as const), text: fc.constantFrom('a note', 'another one') }),
    fc.record({ kind: fc.constant('others' as const), text: fc.constantFrom('somebody else\n', 'two\nlines\n') }),
  ),
  { maxLength: 40 },
);
type Drawn = typeof events extends fc.Arbitrary<infer Value> ? Value : never;
const sizes = fc.record({ columns: fc.integer({ min: 1, max: 120 }), rows: fc.integer({ min: 1, max: 30 }) });

test('no frame is higher or wider than its screen', () => {
  fc.assert(
    fc.property(events, sizes, (drawn, size) => {
      const { frames } = play(drawn, size);
      for (const frame of frames) {
        expect(frame.length).toBeLessThanOrEqual(Math.max(1, size.rows - 1));
        for (const line of frame) expect(line.length).toBeLessThan(Math.max(2, size.columns));
      }
    }),
    { numRuns: 60 },
  );
});

interface Played {
  readonly frames: readonly (readonly string[])[];
  readonly notes: readonly string[];
  readonly seen: VirtualScreen;
}

/** @param spoil changes what reaches the screen, for the twin */
function play(drawn: Drawn, size: { columns: number; rows: number }, spoil = (text: string) => text): Played {
  const seen = new VirtualScreen(size.columns);
  const notes: string[] = [];
  const frames: (readonly string[])[] = [];
  let now = 0;
  let aside: ((write: () => void) => void) | null = null;
  const terminal: Terminal = {
    write: (text) => seen.write(spoil(text)),
    size: () => size,
    colors: true,
    attach: (tree) => {
      aside = tree.aside;
      return () => {};
    },
  };
  const tree = new LiveTree(terminal, () => now);
  const steps: Step[] = [];
  const stacks = new Map<string, StackView | null>();
  for (const event of drawn) {
    now += 1;
    if (event.kind === 'begin') {
      const begun = step(`stack-${event.stack}`, event.title, now);
      steps.push(begun);
      tree.begun(begun);
    } else if (event.kind === 'end') {
      const open = steps[event.which];
      if (open === undefined || open.endSeconds !== null) continue;
      Object.assign(open, { endSeconds: now, failed: event.failed });
      tree.ended(open);
    } else if (event.kind === 'state') tree.stackIs(`stack-${event.stack}`, event.state as StackView['state']);
    else if (event.kind === 'note') {
      notes.push(event.text);
      tree.note(event.text);
    } else {
      notes.push(...event.text.trimEnd().split('\n'));
      const write = () => seen.write(event.text);
      if (aside === null) write();
      else (aside as (write: () => void) => void)(write);
    }
    for (const { stack } of steps) if (!stacks.has(stack)) stacks.set(stack, null);
    frames.push(renderTree({ steps, stacks, nowSeconds: now }, { ...size, colors: false }));
  }
  tree.close();
  return { frames, notes, seen };
}

/** What stands on the screen after a run, less the lines of the tree: a line of a note that is broken by the screen's width counts once. */
const strangers = ({ seen }: Played): readonly string[] => seen.lines().filter((line) => !/^( {4})?[✓✗⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏·-]( |$)|^…|^$/.test(line));
const wide = sizes.map(({ rows }) => ({ columns: 60, rows }));

test('what others write stays above the tree, whole and in order; no line of an older frame is left; the cursor is back', () => {
  fc.assert(
    fc.property(events, wide, (drawn, size) => {
      const played = play(drawn, size);
      expect(strangers(played)).toEqual(played.notes);
      expect(played.seen.leftovers()).toEqual([]);
      expect(played.seen.cursorIsHidden).toBe(false);
    }),
    { numRuns: 100 },
  );
});

test('a tree that goes back one line too few is found out', () => {
  const drawn = [...Array(6)].map((_, stack) => ({ kind: 'begin' as const, stack, title: 'work' }));
  expect(play(drawn, { columns: 60, rows: 30 }).seen.leftovers()).toEqual([]);
  const sabotaged = play(drawn, { columns: 60, rows: 30 }, (text) =>
    // biome-ignore lint/suspicious/noControlCharactersInRegex: this is how a cursor moves
    text.replace(/\x1b\[(\d+)A/g, (_, lines) => `\x1b[${Number(lines) - 1}A`),
  );
  expect(sabotaged.seen.leftovers()).not.toEqual([]);
});

test('lines where nobody looks: no terminal, CI, or one that cannot move its cursor', () => {
  const isTTY = Object.getOwnPropertyDescriptor(process.stdout, 'isTTY');
  try {
    Object.defineProperty(process.stdout, 'isTTY', { value: true, configurable: true });
    expect(openTerminal({ TERM: 'xterm' })).toMatchObject({ colors: true });
    expect(openTerminal({ TERM: 'xterm', NO_COLOR: '1' })).toMatchObject({ colors: false });
    expect(openTerminal({ TERM: 'xterm', CI: 'true' })).toBeNull();
    expect(openTerminal({ TERM: 'dumb' })).toBeNull();
    Object.defineProperty(process.stdout, 'isTTY', { value: false, configurable: true });
    expect(openTerminal({ TERM: 'xterm' })).toBeNull();
  } finally {
    if (isTTY === undefined) Reflect.deleteProperty(process.stdout, 'isTTY');
    else Object.defineProperty(process.stdout, 'isTTY', isTTY);
  }
});

const hasScript = spawnSync('script', ['--version']).status === 0;

describe('on a real pseudo-terminal', () => {
  const root = resolve(__dirname, '../..');
  const work = mkdtempSync(join(tmpdir(), 'flotilla-tree-'));
  afterAll(() => rmSync(work, { recursive: true, force: true }));
  const program = join(work, 'run.cjs');
  /** A journal whose stacks are fakes; `hang` leaves the last step open until a signal ends it. */
  const source = `
    import { Journal } from ${JSON.stringify(join(root, 'runner/progress/journal.ts'))};
    import { schedule } from ${JSON.stringify(join(root, 'runner/terraform/schedule.ts'))};
    const journal = new Journal();
    const stack = (name, needs) => ({ name, kind: 'cluster', cluster: null, needs });
    const run = async ({ name }) => {
      const step = journal.begin(name, 'work', 'work on ' + name);
      await new Promise((resolve) => setTimeout(resolve, process.argv[2] === 'hang' && name === 'edge' ? 60000 : 60));
      journal.end(step, name === 'broken');
      return { stack: name, result: name === 'broken' ? 'failed' : 'changed', changes: [], errors: [] };
    };
    console.log('before');
    const stacks = [stack('hub', []), stack('broken', ['hub']), stack('edge', ['hub'])];
    setTimeout(() => console.error('said by somebody else'), 90);
    schedule(stacks, run, undefined, (name, state) => journal.stackIs(name, state)).then(() => {
      journal.close();
      console.log('after');
    });
  `;

  /** What a person sees. */
  async function watch(
    how: string,
    endBy: string | null = null,
    environment: NodeJS.ProcessEnv = {},
  ): Promise<VirtualScreen & { code?: number }> {
    const { CI: _ci, NO_COLOR: _color, ...inherited } = process.env;
    const command = `stty rows 20 cols 70; exec ${process.execPath} ${program} ${how}`;
    const child = spawn('script', ['-qec', command, '/dev/null'], { env: { ...inherited, TERM: 'xterm', ...environment } });
    const seen = new VirtualScreen(70);
    let isPressed = false;
    child.stdout.on('data', (chunk) => {
      seen.write(String(chunk));
      // The key, not the signal: what a terminal makes of it is for the program alone. Twice, as an impatient person does.
      if (endBy === null || isPressed || !seen.lines().some((line) => line.includes(endBy))) return;
      isPressed = true;
      child.stdin.write('\x03\x03');
    });
    const code = await new Promise<number | null>((done) => child.on('close', done));
    return Object.assign(seen, { code: code ?? -1 });
  }

  beforeAll(() => {
    const options = ['--bundle', '--platform=node', '--format=cjs', '--log-level=error', `--outfile=${program}`, '--loader=ts'];
    const { status, stderr } = spawnSync(join(root, 'node_modules/.bin/esbuild'), options, { input: source, encoding: 'utf8', cwd: root });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  });

  (hasScript ? test : test.skip)('stacks are redrawn in place, the failure stays, what comes after is below', async () => {
    const seen = await watch('once');
    const lines = seen.lines().filter((line) => line !== '');
    expect(lines[0]).toBe('before');
    expect(lines.slice(1).map((line) => line.replace(/ +\d+\.\d s$/, ''))).toEqual([
      'said by somebody else',
      '✓ hub     work on hub',
      '✗ broken',
      '    ✗ work on broken',
      '✓ edge    work on edge',
      'after',
    ]);
    expect(seen.cursorIsHidden).toBe(false);
    expect(seen.wasHidden).toBe(true);
  });

  (hasScript ? test : test.skip)('Ctrl-C gives the cursor back and ends the program by the signal', async () => {
    const seen = await watch('hang', 'work on edge');
    expect(seen.wasHidden).toBe(true);
    expect(seen.cursorIsHidden).toBe(false);
    expect(seen.code).toBe(130);
  });

  (hasScript ? test : test.skip)('with CI set there are plain lines', async () => {
    const seen = await watch('once', null, { CI: '1' });
    expect(seen.wasHidden).toBe(false);
    expect(seen.lines().filter((line) => line.includes('work on hub'))).toHaveLength(2);
  });
});
