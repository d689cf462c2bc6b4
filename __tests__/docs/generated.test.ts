import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../../config/package-root';
import { generatedDocuments } from '../../docs/generate';

const folder = join(packageRoot(), 'docs', 'generated');
const stale = (documents: ReadonlyMap<string, string>): string[] =>
  [...documents].filter(([name, text]) => readFileSync(join(folder, name), 'utf8') !== text).map(([name]) => name);

test('docs/generated is what `npm run generate` would write, no more and no less', () => {
  expect(stale(generatedDocuments())).toEqual([]);
  expect(readdirSync(folder).sort()).toEqual([...generatedDocuments().keys()].sort());
});

test('a document that was not made again is noticed', () => {
  const changed = new Map([...generatedDocuments()].map(([name, text]) => [name, `${text}one more line\n`]));
  expect(stale(changed)).toEqual([...changed.keys()]);
});

test('the first screen of the README names the two commands', () => {
  const firstScreen = readFileSync(join(packageRoot(), 'README.md'), 'utf8').split('\n').slice(0, 40).join('\n');
  expect(firstScreen).toContain('npm start');
  expect(firstScreen).toContain('npm test');
});
