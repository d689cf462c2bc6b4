import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { catalog } from '../../components';
import { componentLiteral, type TreeFile, type TreeRule, treeRules } from './tree-rules';

const root = resolve(__dirname, '../..');
const files: TreeFile[] = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '-z'], {
  cwd: root,
  encoding: 'utf8',
})
  .split('\0')
  .filter((path) => path !== '' && existsSync(join(root, path)) && statSync(join(root, path)).isFile())
  .map((path) => ({ path, text: readFileSync(join(root, path), 'utf8') }));

const rules: Readonly<Record<string, TreeRule>> = { ...treeRules, componentLiteral: componentLiteral(catalog.map(({ id }) => id)) };

const planted: Record<string, TreeFile[]> = {
  tooLong: [{ path: 'cli/long.ts', text: '\n'.repeat(401) }],
  longMedian: files.map((_, index) => ({ path: `cli/file-${index}.ts`, text: '\n'.repeat(80) })),
  notKebab: [
    { path: 'cli/camelCase.ts', text: '' },
    { path: 'cli/some_folder/file.ts', text: '' },
  ],
  emptyName: [
    { path: 'cli/utils.ts', text: '' },
    { path: 'model/common/names.ts', text: '' },
    { path: 'cli/machine-manager.ts', text: '' },
    { path: 'scripts/lib/helpers.sh', text: '' },
  ],
  strayCommand: [{ path: 'stacks/cluster-two.ts', text: "provisioners: [{ type: 'local-exec' }]" }],
  strayPlace: [
    { path: 'docs/guide/a.md', text: `cd /${'work'}/main` },
    { path: 'scripts/host/b.sh', text: `image="/${'root'}/.cache/x"` },
    { path: '.npmrc', text: `registry=https://registry.npmjs${'.org'}` },
  ],
  undecided: [{ path: 'README.md', text: `one\n${'<'.repeat(7)} HEAD\ntwo\n` }],
  componentLiteral: [{ path: 'model/special.ts', text: `if (id === '${catalog[0]!.id}') return;` }],
};

test('there is a tree to look at', () => expect(files.length).toBeGreaterThan(150));

describe.each(Object.entries(rules))('%s', (name, rule) => {
  test('is kept', () => expect(rule(files)).toEqual([]));
  test('catches each planted violation', () => {
    const found = rule([...files, ...planted[name]!]);
    if (name === 'longMedian') expect(found).toHaveLength(1);
    else for (const { path } of planted[name]!) expect(found).toContainEqual(expect.stringContaining(path));
  });
});
