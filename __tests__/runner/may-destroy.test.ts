import { spawnSync } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { assertMayDestroy } from '../support/may-destroy';

// What begins with `destroy` takes nobody's own machines: not in a shell of CI either, which people are told to have for cdktf.
const root = resolve(__dirname, '../..');
let work: string;
beforeEach(() => {
  work = mkdtempSync(join(tmpdir(), 'flotilla-may-destroy-'));
});
afterEach(() => rmSync(work, { recursive: true }));
const machine = (): void => {
  mkdirSync(join(work, '.flotilla/lab@nspawn/nodes'), { recursive: true });
  writeFileSync(join(work, '.flotilla/lab@nspawn/nodes/hub-cp-1.json'), '{}');
};

test('machines that there are must be given up by name', () => {
  const folder = join(work, '.flotilla/lab@nspawn');
  expect(() => assertMayDestroy(folder, {})).not.toThrow();
  machine();
  for (const environment of [{}, { CI: '1' }, { CI: 'true' }])
    expect(() => assertMayDestroy(folder, environment)).toThrow(/lab@nspawn has the machines hub-cp-1/);
  expect(() => assertMayDestroy(folder, { FLOTILLA_TEST_MAY_DESTROY: '1' })).not.toThrow();
});

test('the benchmark asks before it destroys', () => {
  const text = readFileSync(join(root, '__tests__/bench/up.cjs'), 'utf8');
  expect(text.indexOf('\nassertMayDestroy(')).toBeGreaterThan(0);
  expect(text.indexOf('\nassertMayDestroy(')).toBeLessThan(text.indexOf("\nflotilla('destroy'"));
});

test('.ci/run gives machines up only where there were none before it', () => {
  mkdirSync(join(work, 'bin'));
  cpSync(join(root, '.ci'), join(work, '.ci'), { recursive: true });
  writeFileSync(join(work, 'bin/npm'), '#!/bin/sh\necho "given up: ${FLOTILLA_TEST_MAY_DESTROY:-no}"\necho "1 passed, 0 failed"\n');
  chmodSync(join(work, 'bin/npm'), 0o755);
  const { FLOTILLA_TEST_MAY_DESTROY: _, ...environment } = process.env;
  const said = () =>
    spawnSync(join(work, '.ci/run'), [], {
      encoding: 'utf8',
      env: { ...environment, PATH: `${join(work, 'bin')}:${process.env.PATH}`, FLOTILLA_CI_MINUTES: '1' },
    }).stdout;
  expect(said()).toContain('given up: 1');
  machine();
  expect(said()).toContain('given up: no');
});
