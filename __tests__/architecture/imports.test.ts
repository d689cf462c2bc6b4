import { spawn } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';

const root = resolve(__dirname, '../..');
const config = join(root, '.dependency-cruiser.cjs');
const ruleNames: string[] = require(config).forbidden.map(({ name }: { name: string }) => name);

interface Cruise {
  readonly modules: readonly { readonly source: string }[];
  readonly summary: {
    readonly violations: readonly { readonly from: string; readonly to: string; readonly rule: { readonly name: string } }[];
  };
}

function cruise(folder: string): Promise<Cruise> {
  const args = [join(root, 'node_modules/.bin/depcruise'), '--config', '.dependency-cruiser.cjs', '--output-type', 'json', '.'];
  const child = spawn(process.execPath, args, { cwd: folder });
  let text = '';
  child.stdout.on('data', (chunk) => {
    text += chunk;
  });
  return new Promise((done) => child.on('close', () => done(JSON.parse(text))));
}

/** For each rule a file that breaks it. */
const planted: Record<string, [path: string, imported: string]> = {
  'no-cycles': ['model/ring-a.ts', './ring-b'],
  'framework-stays-inside': ['components/app.ts', 'cdktf'],
  'config-imports': ['config/upward.ts', '../model/ring-a'],
  'machines-imports': ['machines/sideways.ts', '../components/app'],
  'components-imports': ['components/reader.ts', '../config/upward'],
  'model-imports': ['model/talker.ts', '../cli/verb'],
  'constructs-imports': ['constructs/talker.ts', '../cli/verb'],
  'platform-constructs-alone': ['constructs/knower.ts', '../components/app'],
  'stacks-imports': ['stacks/reader.ts', '../config/upward'],
  'artifacts-imports': ['artifacts/applier.ts', '../cli/verb'],
  'chart-lint-imports': ['chart-lint/applier.ts', '../cli/verb'],
  'runner-imports': ['runner/builder.ts', '../constructs/talker'],
  'cli-imports': ['cli/builder.ts', '../constructs/talker'],
  'docs-imports': ['docs/builder.ts', '../constructs/talker'],
  'no-unresolved': ['cli/lost.ts', './nowhere'],
};

const tree = mkdtempSync(join(tmpdir(), 'flotilla-planted-'));
afterAll(() => rmSync(tree, { recursive: true }));

function write(path: string, text: string): void {
  mkdirSync(dirname(join(tree, path)), { recursive: true });
  writeFileSync(join(tree, path), text);
}

let clean: Cruise;
let found: Cruise;
beforeAll(async () => {
  copyFileSync(config, join(tree, '.dependency-cruiser.cjs'));
  write('node_modules/cdktf/package.json', '{"name":"cdktf","main":"index.js"}');
  write('node_modules/cdktf/index.js', 'exports.App = 1;');
  write('model/ring-b.ts', "import { a } from './ring-a';\nexport const b = a;\n");
  write('cli/verb.ts', 'export const verb = 1;\n');
  for (const [path, imported] of Object.values(planted)) write(path, `import { a } from '${imported}';\nexport const used = a;\n`);
  [clean, found] = await Promise.all([cruise(root), cruise(tree)]);
});

test('the tree keeps every rule, and was really seen', () => {
  expect(clean.summary.violations.map(({ from, to, rule }) => `${rule.name}: ${from} -> ${to}`)).toEqual([]);
  const ours = clean.modules
    .map(({ source }) => source)
    .filter((source) => !source.startsWith('node_modules/') && !source.startsWith('__tests__/'));
  expect(ours.length).toBeGreaterThan(60);
  expect(ours).toEqual(
    expect.arrayContaining(['main.ts', 'stacks/index.ts', 'constructs/destroy-hook.ts', 'cli/index.ts', 'model/resolve.ts']),
  );
});

test('every rule has a violation planted', () => expect(Object.keys(planted).sort()).toEqual([...ruleNames].sort()));

test.each(Object.entries(planted))('%s is caught', (rule, [path]) => {
  expect(found.summary.violations.map((violation) => `${violation.rule.name} in ${violation.from}`)).toContain(`${rule} in ${path}`);
});
