import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { nothingToDo } from '../../cli/report';
import { verbs } from '../../cli/verbs';
import { chooseDeployment, namingDeployment, withDeployment } from '../../runner/printed-commands';
import { type Change, type Command, CommandCheckout } from './command-checkout';

const of = (more: object = {}) => ({ fleet: 'lab', overlay: null, json: false, ...more });

describe('a command that a person is told to run', () => {
  test.each<[string, object, string, string]>([
    ['the default', {}, 'npx flotilla destroy', 'npx flotilla destroy'],
    ['a fleet', { fleet: 'trio' }, '"npx flotilla up" makes it again', '"npx flotilla up --fleet trio" makes it again'],
    ['an overlay', { overlay: 'nspawn' }, 'npx flotilla boot', 'npx flotilla boot --overlay nspawn'],
    ['operands', { fleet: 'ha' }, 'npx flotilla ssh cp-1 -- crictl ps', 'npx flotilla ssh --fleet ha cp-1 -- crictl ps'],
    ['a path with a blank', { fleet: "my fleets/it's.yaml" }, 'npx flotilla up', "npx flotilla up --fleet 'my fleets/it'\\''s.yaml'"],
    ['one that names a deployment', { fleet: 'ha' }, 'npx flotilla destroy --uid 3fa81c --yes', 'npx flotilla destroy --uid 3fa81c --yes'],
    ['one of a different fleet', { fleet: 'ha' }, 'npx flotilla up --fleet trio', 'npx flotilla up --fleet trio'],
    [
      'two in one line',
      { fleet: 'ha' },
      'npx flotilla status | npx flotilla destroy',
      'npx flotilla status --fleet ha | npx flotilla destroy --fleet ha',
    ],
    ['a deployment', { deployment: 'x@kind' }, 'npx flotilla destroy', 'npx flotilla destroy --deployment x@kind'],
  ])('names the deployment: %s', (_, more, text, expected) => {
    expect(withDeployment(text, of(more))).toBe(expected);
  });

  test('stays readable inside of JSON', () => {
    const text = withDeployment(JSON.stringify({ remedy: 'npx flotilla up' }), of({ fleet: 'a "b".yaml', json: true }));
    expect(JSON.parse(text)).toEqual({ remedy: `npx flotilla up --fleet 'a "b".yaml'` });
  });

  test('is named in all that is printed while a verb runs, and not after it', async () => {
    const print = jest.spyOn(console, 'log').mockImplementation(() => {});
    try {
      await namingDeployment(async () => {
        chooseDeployment(of({ fleet: 'trio' }));
        console.log('next: npx flotilla destroy', 7);
      });
      console.log('npx flotilla destroy');
      expect(print.mock.calls).toEqual([['next: npx flotilla destroy --fleet trio', 7], ['npx flotilla destroy']]);
    } finally {
      print.mockRestore();
    }
  });
});

describe('every verb', () => {
  const checkout = new CommandCheckout();
  let command: Command;
  beforeAll(async () => {
    command = await checkout.bundle('flotilla');
    checkout.fleet('fleets/shop.yaml', ['aa']);
  });
  afterAll(() => checkout.dispose());

  test.each(['boot', 'shutdown', 'load x', 'kubeconfig', 'outputs', 'verify', 'drift', 'ssh aa-cp-1', 'logs aa'])(
    '%s names the fleet in the command that it gives, and ends at once, where nothing was raised yet',
    async (words) => {
      const { code, text } = await checkout.run(command, ...words.split(' '), '--fleet', 'shop');
      expect([code, text]).toEqual([1, expect.stringContaining('run "npx flotilla up --fleet shop"')]);
    },
  );

  test('logs --json prints JSON: a list of runs, or an object a line', async () => {
    const logs = '.flotilla/shop@fake/logs';
    checkout.write(`${logs}/2026-12-01T00-00-00-000Z/aa.log`, `Initializing the backend...\n${JSON.stringify({ '@message': 'done' })}\n`);
    const json = (...words: string[]) => checkout.run(command, 'logs', ...words, '--json', '--fleet', 'shop');
    expect(JSON.parse((await json()).text)).toEqual([
      { run: '2026-12-01T00-00-00-000Z', stacks: [{ stack: 'aa', did: 'init', errors: 0 }] },
    ]);
    const messages = ['Initializing the backend...', 'done'].map((text) => ({ stack: 'aa', '@message': text }));
    for (const words of [['aa'], ['aa', '--follow'], ['--follow']])
      expect(
        (await json(...words)).text
          .trim()
          .split('\n')
          .map((line) => JSON.parse(line)),
      ).toEqual(messages);
    checkout.forget();
    checkout.fleet('fleets/shop.yaml', ['aa']);
  });

  test.each([
    ['graph', '--format', 'toString'],
    ['graph', '--format', '__proto__'],
    ['completion', 'constructor'],
    ['charts', 'valueOf'],
    ['graph', '--cluster', 'constructor'],
    ['logs', 'toString'],
    ['ssh', 'constructor'],
    ['selftest', '--only', 'constructor'],
  ])('refuses a word that is not one of its list, also one that every object has: %s %s %s', async (...words) => {
    const { code, text } = await checkout.run(command, ...words.filter((word) => word !== undefined), '--fleet', 'shop');
    expect(code).toBe(2);
    expect(text).not.toContain('object Object');
  });

  test('an overlay that would make a path of the deployment is refused by every verb, and no folder is made', async () => {
    checkout.write('evil.yaml', 'budget: {memoryMiB: 8192}');
    checkout.write('fleets/overlays/team/dev.yaml', 'budget: {memoryMiB: 8192}');
    for (const overlay of ['../../evil', 'team/dev', '..', 'a+b', ''])
      for (const verb of ['validate', 'model', 'up', 'destroy', 'doctor']) {
        const { code } = await checkout.run(command, verb, '--fleet', 'shop', '--overlay', overlay);
        expect([verb, overlay, code]).toEqual([verb, overlay, 2]);
      }
    expect(checkout.record('shop+team/dev@fake')).toBeNull();
  });

  test('mutation: without both guards of its name an overlay makes a path of the deployment; each guard alone refuses it', async () => {
    const ofFile: Change = ['config/fleet-file.ts', /if \(!.*\.test\(overlay\)\) \{/, 'if (overlay === null) {'];
    const ofFolder: Change = [
      'model/deployment-identity.ts',
      /if \(of\.overlay !== null && !.*\.test\(of\.overlay\)\)/,
      'if (of.overlay === "")',
    ];
    checkout.write('evil.yaml', 'budget: {memoryMiB: 8192}');
    const codeOf = async (name: string, ...changes: readonly Change[]) =>
      (await checkout.run(await checkout.bundle(name, changes), 'validate', '--fleet', 'shop', '--overlay', '../../evil')).code;
    expect([await codeOf('one', ofFile), await codeOf('two', ofFolder), await codeOf('none', ofFile, ofFolder)]).toEqual([2, 2, 0]);
  });
});

/** Lines that print a command of Flotilla in a form which a person who cloned the repository cannot run, and which would not name the fleet. */
function unrunnable(file: string, text: string): readonly string[] {
  const command = new RegExp(`(?<!npx )\\bflotilla (?:${verbs.map(({ name }) => name).join('|')})\\b`);
  const lines = text.split('\n').map((line, index) => ({ line, place: `${file}:${index + 1}` }));
  return lines.flatMap(({ line, place }) => (command.test(line) && !/^\s*(?:\/\/|\/?\*|#)/.test(line) ? [place] : []));
}

test('every command in a text that the product prints begins with npx', () => {
  const root = join(__dirname, '../..');
  const files = [
    'cli',
    'components',
    'config',
    'constructs',
    'machines',
    'model',
    'artifacts',
    'runner',
    'chart-lint',
    'scripts',
    'stacks',
  ].flatMap((folder) =>
    (readdirSync(join(root, folder), { recursive: true }) as string[]).flatMap((file) =>
      /\.(ts|cjs|sh)$/.test(file) ? [join(folder, file)] : [],
    ),
  );
  expect(files.length).toBeGreaterThan(300);
  // The lock is a file of the repository; its note is for those who maintain it.
  const text = (file: string) => readFileSync(join(root, file), 'utf8').replace('generated by `flotilla charts lock`', '');
  expect(files.flatMap((file) => unrunnable(file, text(file)))).toEqual([]);
  // Mutation: a remedy as it was until now.
  const remedy = text('cli/verbs/charts.ts').replace('npx flotilla charts lock', 'flotilla charts lock');
  expect(unrunnable('charts.ts', remedy)).toHaveLength(1);
});

test('an up without changes says what it compared, and which commands look at the rest', () => {
  expect(nothingToDo(5, 3.21)).toMatch(
    /^nothing to do: by Terraform's state, 5 stacks .*\(3\.2 s\)\n.*by hand are not compared.*flotilla drift.*flotilla verify/,
  );
});
