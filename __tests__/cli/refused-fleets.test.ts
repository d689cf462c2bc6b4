import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runCommand } from '../../cli/command';
import { verbs } from '../../cli/verbs';
import { CommandCheckout } from './command-checkout';

const canary = `${'ghp'}_0123456789canary0123456789canary01`;
const folder = mkdtempSync(join(tmpdir(), 'flotilla-refused-'));
afterAll(() => rmSync(folder, { recursive: true }));

const files: Readonly<Record<string, string>> = {
  'a value of the wrong kind': `budget: { memoryMiB: ${canary} }\nclusters: []\n`,
  'an unknown key': `budget: { memoryMiB: 8192 }\n${canary}: { password: ${canary} }\nclusters: [${canary}]\n`,
  'broken YAML': `budget: { memoryMiB: "${canary} }\n`,
};

/** Words of each verb; what is left out reads no fleet file, or only the shipped ones. */
const operands: Readonly<Record<string, readonly string[]>> = {
  adopt: ['node'],
  ssh: ['node'],
  load: ['image:1'],
  charts: ['list'],
  destroy: ['--yes'],
};
const left = ['completion', 'selftest'];
const reading = verbs.map(({ name }) => name).filter((name) => !left.includes(name));

async function said(words: readonly string[]): Promise<{ readonly code: number; readonly text: string }> {
  let text = '';
  const hear = (part: unknown): boolean => {
    text += `${part}\n`;
    return true;
  };
  const spies = [
    jest.spyOn(process.stdout, 'write').mockImplementation(hear),
    jest.spyOn(process.stderr, 'write').mockImplementation(hear),
    jest.spyOn(console, 'log').mockImplementation(hear),
    jest.spyOn(console, 'error').mockImplementation(hear),
  ];
  try {
    return { code: await runCommand(words), text };
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
}

describe.each(Object.entries(files))('a fleet file with %s', (what, content) => {
  const file = join(folder, `${what.replace(/\W/g, '-')}.yaml`);
  beforeAll(() => writeFileSync(file, content));

  test.each(reading)('%s refuses it with exit code 2, without a stack trace and without the secret in it', async (verb) => {
    const { code, text } = await said([verb, ...(operands[verb] ?? []), '--fleet', file]);
    expect([code, text.includes('has'), /\n\s+at |fault of Flotilla/.test(text), text.includes(canary.slice(8))]).toEqual([
      2,
      true,
      false,
      false,
    ]);
  });
});

test('a secret in place of a verb, an option or a name is not repeated', async () => {
  for (const words of [
    [canary],
    ['validate', `--${canary}`],
    ['validate', '--fleet', canary],
    ['validate', '--overlay', canary],
    ['ssh', canary, '--fleet', canary],
    ['graph', '--format', canary],
    ['logs', canary],
  ]) {
    const { code, text } = await said(words);
    expect([code, text.includes(canary.slice(8))]).toEqual([2, false]);
  }
});

test('mutation: a command that prints its words as they are repeats the secret', async () => {
  const checkout = new CommandCheckout();
  try {
    const mutant = await checkout.bundle('as-it-is', [['config/secret-shapes.ts', /secretShapes\.reduce\([^;]*;/, 'text;']]);
    checkout.fleet('fleets/lab.yaml', ['aa']);
    for (const words of [
      ['graph', '--format', canary],
      ['logs', canary],
    ])
      expect((await checkout.run(mutant, ...words)).text).toContain(canary.slice(8));
  } finally {
    checkout.dispose();
  }
});

test.each([
  ['below a file', () => join(folder, 'a-value-of-the-wrong-kind.yaml', 'out')],
  ['too long for the file system', () => join(folder, 'a'.repeat(300))],
  ['empty', () => ''],
  ['a file', () => join(folder, 'broken-YAML.yaml')],
])('a folder for the stacks that is %s is refused without a stack trace', async (_, out) => {
  const { code, text } = await said(['synth', '--fleet', 'lab', '--out', out()]);
  expect([code === 1 || code === 2, /\n\s+at |fault of Flotilla/.test(text)]).toEqual([true, false]);
});
