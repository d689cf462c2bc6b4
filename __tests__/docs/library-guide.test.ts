import '../../constructs/quiet-stack-traces';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { transformSync } from '@swc/core';
import { examples, libraryExamples, libraryGuide } from './examples';

const { apps, script } = libraryExamples();

/** Runs an app of the guide in a folder of its own. @returns the stacks that it wrote, by name */
function synthesize(app: string): Record<string, { readonly resource: Record<string, Record<string, never>> }> {
  const folder = mkdtempSync(join(tmpdir(), 'library-guide-'));
  mkdirSync(join(folder, 'scripts'));
  writeFileSync(join(folder, 'scripts', 'greet.sh'), script);
  const options = { jsc: { parser: { syntax: 'typescript' }, target: 'es2022' }, module: { type: 'commonjs' } } as const;
  const { code } = transformSync(app, options);
  const packages = createRequire(__filename);
  const load = (name: string): unknown => (name === 'flotilla' ? require('../..') : require(packages.resolve(name)));
  const home = process.cwd();
  process.chdir(folder);
  try {
    new Function('require', 'exports', '__dirname', code)(load, {}, folder);
  } finally {
    process.chdir(home);
  }
  const stacks = join(folder, 'cdktf.out', 'stacks');
  return Object.fromEntries(readdirSync(stacks).map((name) => [name, JSON.parse(readFileSync(join(stacks, name, 'cdk.tf.json'), 'utf8'))]));
}

test('the first app of the guide works as it stands, in an empty folder', () => {
  const { lab } = synthesize(apps[0]!);
  const { greet, lease } = lab!.resource.null_resource as Record<string, Record<string, unknown>>;
  expect(greet!.triggers).toMatchObject({ input: '{"deployment":"../../../.fleet","to":"world"}' });
  expect(greet!.depends_on).toEqual(['null_resource.lease["node-1"]']);
  expect(lease!.for_each).toEqual({ 'node-1': 'node-1' });
  expect((lab as never as { terraform: unknown }).terraform).toMatchObject({
    backend: { local: { path: '../../../.fleet/state/lab.tfstate' } },
  });
});

test('the app with a part of a platform refers to the variable, and keeps signals as long as it says', () => {
  const stack = synthesize(apps[1]!)['hub-platform']!;
  const values = (release: string): string => (stack.resource.helm_release as Record<string, { values: string[] }>)[release]!.values[0]!;
  expect(values('grafana')).toContain('"domain":${jsonencode("grafana.${var.zone}")}');
  expect(values('thanos')).toContain('"resolutionRaw":"90d"');
  expect(values('loki')).toContain('"retention_period":"336h"');
});

test('an app that has a mistake is noticed', () => {
  expect(() => synthesize(apps[0]!.replace("'node-1'));", "'node-2'));").replace("lease.of('node-1')", "lease.of('node-2')"))).toThrow(
    'node-2',
  );
});

test('every example in TypeScript is looked at by a test: here, or in guide.test.ts', () => {
  const files = examples()
    .filter(({ language }) => ['ts', 'typescript', 'js'].includes(language))
    .map(({ file }) => file);
  expect([...new Set(files)].sort()).toEqual(['docs/guide/add-a-component.md', libraryGuide]);
  expect(apps).toHaveLength(2);
});
