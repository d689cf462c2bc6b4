import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../../config/package-root';

const read = (path: string): string => readFileSync(join(packageRoot(), path), 'utf8');
const guide = read('docs/guide/add-a-component.md');
const blocks = [...guide.matchAll(/^```ts\n([\s\S]*?)^```$/gm)].map(([, text]) => text!);

/** Whether a file holds the block as it stands, but for the line that names the file and the one that leaves something out. */
const stands = (block: string, file: string): boolean =>
  file.includes(
    block
      .split('\n')
      .filter((line) => !line.startsWith('// ') && line.trim() !== '…')
      .join('\n'),
  );

test('examples of the guide are what the files hold', () => {
  expect(blocks).toHaveLength(2);
  const [ours, theirs] = blocks as [string, string];
  expect(stands(ours, read('components/observability/thanos.ts'))).toBe(true);
  expect(stands(theirs, read('__tests__/tiers/cli/app/components.ts'))).toBe(true);
});

test('an example that has drifted away is noticed', () => {
  expect(stands(blocks[0]!.replace('port: 10908', 'port: 10909'), read('components/observability/thanos.ts'))).toBe(false);
  expect(stands(blocks[1]!.replace('reaches', 'requires'), read('__tests__/tiers/cli/app/components.ts'))).toBe(false);
});

test('every field of a component is explained, or in an example', () => {
  const [, fields] = /export interface Component \{\n([\s\S]*?)\n\}/.exec(read('components/define.ts'))!;
  const names = [...fields!.matchAll(/^ {2}readonly (\w+)\??:/gm)].map(([, name]) => name!);
  const code = [...blocks, ...[...guide.matchAll(/`([^`\n]+)`/g)].map(([, text]) => text!)].join('\n');
  expect(names.length).toBeGreaterThan(20);
  expect([...names, 'unheardOf'].filter((name) => !new RegExp(`\\b${name}\\b`).test(code))).toEqual(['unheardOf']);
});
