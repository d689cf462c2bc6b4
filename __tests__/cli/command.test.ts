import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { explain, runCommand } from '../../cli/command';
import { verbs } from '../../cli/verbs';

const root = resolve(__dirname, '../..');
const scratch = mkdtempSync(join(tmpdir(), 'flotilla-command-'));
afterAll(() => rmSync(scratch, { recursive: true }));

interface Said {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** The real command, from a folder that is not ours. */
function flotilla(...args: string[]): Promise<Said> {
  const { FLOTILLA_FLEET: _fleet, FLOTILLA_OVERLAY: _overlay, ...environment } = process.env;
  const child = spawn(process.execPath, [join(root, 'cli/bin.cjs'), ...args], { cwd: scratch, env: environment });
  const said = { stdout: '', stderr: '' };
  for (const stream of ['stdout', 'stderr'] as const) {
    child[stream].on('data', (chunk) => {
      said[stream] += chunk;
    });
  }
  return new Promise((done) => child.on('close', (code) => done({ code, ...said })));
}

/** The same in our own process, which costs a tenth; what a process adds, the real ones below show. */
async function inside(...args: string[]): Promise<Said> {
  const { FLOTILLA_FLEET: fleet, FLOTILLA_OVERLAY: overlay } = process.env;
  const before = process.cwd();
  const said = { stdout: '', stderr: '' };
  const heard = (stream: keyof typeof said, end: string) => (text: unknown) => {
    said[stream] += `${text}${end}`;
    return true;
  };
  const spies = [
    jest.spyOn(process.stdout, 'write').mockImplementation(heard('stdout', '')),
    jest.spyOn(process.stderr, 'write').mockImplementation(heard('stderr', '')),
    jest.spyOn(console, 'log').mockImplementation(heard('stdout', '\n')),
    jest.spyOn(console, 'error').mockImplementation(heard('stderr', '\n')),
  ];
  try {
    process.chdir(scratch);
    delete process.env.FLOTILLA_FLEET;
    delete process.env.FLOTILLA_OVERLAY;
    return { code: await runCommand(args), ...said };
  } finally {
    for (const spy of spies) spy.mockRestore();
    process.chdir(before);
    Object.assign(
      process.env,
      fleet === undefined ? {} : { FLOTILLA_FLEET: fleet },
      overlay === undefined ? {} : { FLOTILLA_OVERLAY: overlay },
    );
  }
}

const deployments = (): string[] => {
  try {
    return readdirSync(join(root, '.flotilla')).sort();
  } catch {
    return [];
  }
};

const file = (name: string, text: string): string => {
  const path = join(scratch, name);
  writeFileSync(path, text);
  return path;
};

const brokenYaml = file('broken.yaml', 'clusters:\n  - name: [hub\n');
const twoFaults = file(
  'two-faults.yaml',
  'provider: auto\nkubernetes: "1.35"\ndomain: a.local\nbudget: {memoryMiB: 1}\nclustres: []\nclusters: []\n',
);
const badInput: [what: string, args: string[], saying: RegExp][] = [
  ['a fleet that there is not', ['up', '--fleet', 'nowhere'], /nowhere/],
  ['a fleet file that there is not', ['validate', '--fleet', '/nowhere/at-all.yaml'], /at-all/],
  ['YAML that cannot be read', ['up', '--fleet', brokenYaml], /line \d/],
  ['more than one fault', ['validate', '--fleet', twoFaults], /problems[\s\S]*clustres/],
  ['an overlay that there is not', ['up', '--overlay', 'nowhere'], /nowhere/],
  ['a verb that there is not', ['upp'], /unknown command 'upp'[\s\S]*up/],
  ['an option that there is not', ['destroy', '--yess'], /unknown option '--yess'[\s\S]*--yes/],
  ['an operand that is missing', ['ssh'], /missing required argument 'node'/],
  ['two clusters where one can be forgotten', ['forget', 'hub', '--cluster', 'edge'], /"hub" or --cluster "edge"\? name one/],
  ['operands that are too many', ['validate', 'lab'], /too many arguments/],
];

test('bad input: exit code 2, what is wrong, no stack trace, nothing written', async () => {
  const before = deployments();
  const said: (readonly [string, Said])[] = [];
  for (const [what, args] of badInput) said.push([what, await inside(...args)]);
  for (const [index, [what, { code, stdout, stderr }]] of said.entries()) {
    expect({ what, code, stdout }).toEqual({ what, code: 2, stdout: '' });
    expect(stderr).toMatch(badInput[index]![2]);
    expect(stderr).not.toMatch(/^\s+at .*:\d+:\d+/m);
    expect(stderr).not.toContain('fault of Flotilla');
  }
  expect(deployments()).toEqual(before);
});

test.each(['EACCES', 'EPERM', 'EROFS', 'ENOSPC', 'EDQUOT', 'EMFILE'])(
  '%s is not called a fault of Flotilla: the path, the cause and the remedy',
  (code) => {
    const print = jest.spyOn(console, 'error').mockImplementation(() => {});
    try {
      expect(explain(Object.assign(new Error(`${code}: x, open '/a/b'`), { code, path: '/a/b', syscall: 'open' }))).toBe(1);
      expect(print.mock.calls).toEqual([[expect.stringMatching(/^\/a\/b: .*; /)]]);
      explain(Object.assign(new Error('x'), { code: 'toString' }));
      expect(print.mock.calls.at(-1)).toEqual([expect.stringContaining('fault of Flotilla')]);
    } finally {
      print.mockRestore();
    }
  },
);

test('a process of its own says the same of bad input', async () => {
  const ours = ['a fleet that there is not', 'a verb that there is not', 'more than one fault'];
  const chosen = badInput.filter(([what]) => ours.includes(what));
  expect(chosen).toHaveLength(3);
  for (const [, args] of chosen) expect(await flotilla(...args)).toEqual(await inside(...args));
});

test('every verb has a summary and an example that begins with the command', async () => {
  const { code, stdout } = await flotilla('--help');
  expect(code).toBe(0);
  const told = [...stdout.matchAll(/^ {2}([a-z]+) .*\S$/gm)].map(([, verb]) => verb!).filter((verb) => verb !== 'help');
  expect(told).toEqual(verbs.map(({ name }) => name));
  expect(told).toEqual(
    expect.arrayContaining(['up', 'diff', 'destroy', 'status', 'boot', 'shutdown', 'ssh', 'kubeconfig', 'validate', 'model', 'doctor']),
  );
  const examples = verbs.map(({ name, example }) => [name, new RegExp(`^([A-Z_]+=\\S+ )?npx flotilla ${name}\\b`).test(example)]);
  expect(examples.filter(([, begins]) => !begins)).toEqual([]);
  const help = await inside('up', '--help');
  expect(help.code).toBe(0);
  expect(help.stdout).toMatch(/--fleet[\s\S]*\nExample:\n {2}npx flotilla up/);
});

test('the command tells its version', async () => {
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  expect(await flotilla('--version')).toMatchObject({ code: 0, stdout: `${version}\n` });
});

test('verbs that look say the same as data', async () => {
  const [validated, model] = [await inside('validate', '--json'), await flotilla('model', '--json')];
  expect(JSON.parse(validated.stdout)).toMatchObject({ fleet: 'lab', clusters: 2, nodes: 4 });
  expect(JSON.parse(model.stdout)).toMatchObject({ fleet: 'lab', clusters: [{ name: 'hub' }, { name: 'edge' }] });
});
