import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { bashCompletion } from '../../cli/completion/bash';
import { fishCompletion } from '../../cli/completion/fish';
import { commandWords } from '../../cli/completion/words';
import { zshCompletion } from '../../cli/completion/zsh';
import { fleetGraph, type StackVertex } from '../../cli/graph/graph';
import { mermaid } from '../../cli/graph/mermaid';
import { textGraph } from '../../cli/graph/text';
import type { Verb } from '../../cli/verb';
import { verbs } from '../../cli/verbs';
import { load, resolveFresh } from '../support/fleet-fixture';

describe('graph', () => {
  const lab = () => resolveFresh(load('lab'));
  test('the stacks of the lab as text, and one cluster with what is inside', () => {
    expect(textGraph(fleetGraph(lab(), { steps: false }))).toBe('foundation\n├─ hub\n│  └─ hub-platform\n└─ edge\n   └─ edge-platform\n');
    const edge = textGraph(fleetGraph(lab(), { steps: true, cluster: 'edge' }));
    expect(edge).not.toContain('hub');
    expect(edge.split('\n').map((line) => line.replace(/10\.77\.\d+\.\d+/, 'ADDRESS'))).toEqual([
      'foundation',
      '└─ edge',
      '   │    edge-cp-1 (control-plane, ADDRESS)',
      '   │    └─ edge-worker-1 (worker, ADDRESS)',
      '   └─ edge-platform',
      '           bridge-cni',
      '           ├─ local-path',
      '           │  └─ demo',
      '           └─ metrics-server',
      '',
    ]);
  });

  test('Mermaid: a box per stack, an arrow per edge, no word of its language as a name', () => {
    const drawn = mermaid([
      { id: 'end', label: 'end', needs: [], steps: [] },
      { id: 'hub', label: 'hub "one"', needs: ['end'], steps: [{ id: 'hub/a-b', label: 'a-b', needs: [] }] },
    ]);
    expect(drawn).toBe(
      [
        'flowchart LR',
        '  s_end["end"]',
        '  subgraph s_hub["hub #quot;one#quot;"]',
        '    s_hub__a_b["a-b"]',
        '  end',
        '  s_end --> s_hub',
        '',
      ].join('\n'),
    );
  });

  test('every stack is drawn once and every edge is in both drawings', () => {
    const graphs = fc.array(fc.uniqueArray(fc.nat(11), { maxLength: 3 }), { maxLength: 12 }).map((needs) =>
      needs.map(
        (list, index): StackVertex => ({
          id: `stack-${index}`,
          label: `stack-${index}`,
          needs: list.filter((needed) => needed < index).map((needed) => `stack-${needed}`),
          steps: [],
        }),
      ),
    );
    fc.assert(
      fc.property(graphs, (stacks) => {
        const lines = textGraph(stacks).split('\n').filter(Boolean);
        expect(lines.map((line) => /stack-\d+/.exec(line)![0]).sort()).toEqual(stacks.map(({ id }) => id).sort());
        const extra = lines.reduce((sum, line) => sum + (line.split('<- also ')[1]?.split(', ').length ?? 0), 0);
        const below = lines.filter((line) => /[└├]─ /.test(line)).length;
        const edges = stacks.reduce((sum, { needs }) => sum + needs.length, 0);
        expect(extra + below).toBe(edges);
        expect(mermaid(stacks).match(/ --> /g) ?? []).toHaveLength(edges);
      }),
      { numRuns: 50 },
    );
  });
});

describe('completion', () => {
  const root = mkdtempSync(join(tmpdir(), "flotilla's completion "));
  const known = verbs as readonly Verb<never>[];
  beforeAll(() => {
    for (const file of [
      'fleets/lab.yaml',
      'fleets/tart.yaml',
      'fleets/overlays/small.yaml',
      '.flotilla/lab@x/nodes/hub-cp-1.json',
      '.flotilla/lab@x/kubeconfig/merged',
    ]) {
      mkdirSync(join(root, file, '..'), { recursive: true });
      writeFileSync(join(root, file), '');
    }
    for (const stack of ['hub', 'hub-platform']) mkdirSync(join(root, '.flotilla/lab@x/cdktf.out/stacks', stack), { recursive: true });
    writeFileSync(join(root, '.flotilla/lab@x/kubeconfig/hub'), '');
    writeFileSync(join(root, 'completion.bash'), bashCompletion(commandWords(known), root));
  });
  afterAll(() => rmSync(root, { recursive: true, force: true }));

  /** What bash offers for the last word of each line, all asked at once. */
  function offers(lines: readonly string[], complete = '_flotilla'): readonly (readonly string[])[] {
    const script = `source completion.bash; while IFS= read -r line; do IFS="|" read -ra COMP_WORDS <<<"$line|"; COMP_CWORD=$((\${#COMP_WORDS[@]} - 1)); ${complete}; echo "\${COMPREPLY[*]}"; done`;
    const input = lines.map((line) => line.replaceAll(' ', '|')).join('\n');
    return execFileSync('bash', ['-c', script], { cwd: root, input: `${input}\n`, encoding: 'utf8' })
      .split('\n')
      .slice(0, lines.length)
      .map((line) => line.split(' ').filter(Boolean).sort());
  }

  test('bash completes verbs, options, and the names that there are', () => {
    const expected: Record<string, readonly string[]> = {
      'flotilla sta': ['status'],
      'flotilla destroy --y': ['--yes'],
      'flotilla up --fleet ': ['lab', 'tart'],
      'flotilla up --overlay s': ['small'],
      'flotilla up --fleet fleets/t': ['fleets/tart.yaml'],
      'flotilla ssh hub': ['hub-cp-1'],
      'flotilla logs hub': ['hub', 'hub-platform'],
      'flotilla graph --format ': ['mermaid', 'text'],
      'flotilla graph --cluster ': ['hub'],
      'flotilla completion ': ['bash', 'fish', 'zsh'],
      'flotilla status x': [],
      'flotilla destroy --deployment ': ['lab@x'],
    };
    const found = offers(Object.keys(expected));
    expect(Object.fromEntries(Object.keys(expected).map((line, index) => [line, found[index]]))).toEqual(expected);
  });

  test('bash completes the same after npx, where nothing else completes npx', () => {
    expect(offers(['npx flotilla sta', 'npx flotilla up --fleet ', 'npx jest sta', 'npx fl'], '_flotilla_npx')).toEqual([
      ['status'],
      ['lab', 'tart'],
      [],
      [],
    ]);
    const whose = (before: string): string =>
      execFileSync('bash', ['-c', `${before}; source completion.bash; complete -p npx`], { cwd: root, encoding: 'utf8' }).trim();
    expect(whose(':')).toMatch(/-F _flotilla_npx npx$/);
    expect(whose('complete -F mine npx')).toBe('complete -F mine npx');
  });

  test('every verb and each of its options is offered, in every shell', () => {
    const words = commandWords(known);
    const [all, ...perVerb] = offers(['flotilla ', ...words.map(({ name }) => `flotilla ${name} --`)]);
    expect(all).toEqual(expect.arrayContaining(verbs.map(({ name }) => name)));
    for (const [index, { options }] of words.entries()) expect(perVerb[index]).toEqual(options.map(({ flag }) => flag).sort());
    for (const text of [zshCompletion(words, root), fishCompletion(words, root)]) {
      expect(text).toMatch(/(compdef _flotilla_npx|complete -c) npx/);
      for (const { name, options } of words) {
        expect(text).toContain(name);
        for (const { flag } of options) expect(text).toMatch(new RegExp(`(--|-l )${flag.slice(2)}\\b`));
      }
    }
  });

  for (const { shell, generate, check } of [
    { shell: 'zsh', generate: zshCompletion, check: '-n' },
    { shell: 'fish', generate: fishCompletion, check: '--no-execute' },
  ]) {
    // Tried by hand with zsh 5.9 and fish 3.6; a machine without the shell can tell nothing.
    const isThere = spawnSync(shell, ['--version']).status === 0;
    (isThere ? test : test.skip)(`${shell} reads its own`, () => {
      const file = join(root, `completion.${shell}`);
      writeFileSync(file, generate(commandWords(known), root));
      const { status, stderr } = spawnSync(shell, [check, file], { encoding: 'utf8' });
      expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    });
  }
});
