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

test('the first app of the guide makes the stacks of a hub and an agent, in an empty folder', () => {
  const stacks = synthesize(apps[0]!);
  expect(Object.keys(stacks)).toEqual(expect.arrayContaining(['foundation', 'mgmt', 'mgmt-platform', 'edge', 'edge-platform', 'links']));
  expect(Object.keys(stacks['mgmt-platform']!.resource.helm_release!)).toEqual(expect.arrayContaining(['cilium', 'vault', 'thanos']));
  expect(Object.keys(stacks['edge-platform']!.resource.helm_release!)).toContain('otel-collector');
  expect(stacks.mgmt).toMatchObject({ terraform: { backend: { local: { path: '../../../.fleet/state/mgmt.tfstate' } } } });
});

test('a mistake in the first app is reported with its field', () => {
  expect(() => synthesize(apps[0]!.replace('id: 2', 'id: 300'))).toThrow(/clusters\[1\]\.id/);
});

describe('the app on a cluster that exists', () => {
  let stack: ReturnType<typeof synthesize>[string];
  beforeAll(() => {
    stack = synthesize(apps[1]!)['hub-platform']!;
  });
  const release = (name: string) => (stack.resource.helm_release as Record<string, Record<string, unknown>>)[name]!;
  const values = (name: string): string => (release(name).values as string[])[0]!;

  test('refers to the variable, and sets how long signals are kept', () => {
    expect(values('grafana')).toContain('"domain":${jsonencode("grafana.${var.zone}")}');
    expect(values('thanos')).toContain('"resolutionRaw":"90d"');
    expect(values('loki')).toContain('"retention_period":"336h"');
  });

  test('installs the component of the app, and its Aspect changes every release', () => {
    expect(values('notice')).toContain('Ask at help.example.internal');
    for (const name of Object.keys(stack.resource.helm_release!)) expect(release(name).max_history).toBe(3);
  });

  test('runs its script after the observability hub is ready', () => {
    const { announce } = stack.resource.null_resource as Record<string, Record<string, unknown>>;
    expect(announce!.depends_on).toEqual(expect.arrayContaining(['null_resource.gate-grafana']));
  });
});

test('the app with a script refers to the script of the app and to the lease', () => {
  const { lab } = synthesize(apps[2]!);
  const { greet, lease } = lab!.resource.null_resource as Record<string, Record<string, unknown>>;
  expect(greet!.triggers).toMatchObject({ input: '{"deployment":"../../../.fleet","to":"world"}' });
  expect(greet!.depends_on).toEqual(['null_resource.lease["node-1"]']);
  expect(lease!.for_each).toEqual({ 'node-1': 'node-1' });
  expect(() => synthesize(apps[2]!.replace("lease.of('node-1')", "lease.of('node-2')"))).toThrow('node-2');
});

test('every example in TypeScript is run by a test: here, or in guide.test.ts', () => {
  const files = examples()
    .filter(({ language }) => ['ts', 'typescript', 'js'].includes(language))
    .map(({ file }) => file);
  expect([...new Set(files)].sort()).toEqual(['docs/guide/add-a-component.md', libraryGuide]);
  expect(apps).toHaveLength(3);
});
