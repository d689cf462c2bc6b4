import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describeDeployment } from '../../runner/deployment/deployment';
import { makeSocketFolder, removeDeadSockets, socketEnvironment } from '../../runner/terraform/plugin-sockets';
import { load, resolveFresh } from '../support/fleet-fixture';

const word = 'PLUGIN_UNIX_SOCKET_DIR';
let work: string;
beforeEach(() => {
  work = mkdtempSync(join(tmpdir(), 's-'));
});
afterEach(() => rmSync(work, { recursive: true, force: true }));

test('plugins of Terraform open their sockets in the deployment, where nobody else looks', () => {
  const { environment } = describeDeployment(resolveFresh(load('lab')), work, null, null);
  expect(environment[word]).toBe(join(work, 'tmp', String(process.pid)));
  makeSocketFolder(environment);
  expect(statSync(environment[word]!).mode & 0o077).toBe(0);
});

test('not where the path is too long for the address of a socket', () => {
  const fits = (length: number): boolean => word in socketEnvironment(`/${'x'.repeat(length - 1)}`);
  const longest = Array.from({ length: 103 }, (_, length) => length + 1).findLast(fits)!;
  expect(longest + `/tmp/${process.pid}/plugin4294967295`.length).toBe(103);
});

test('those of runs that are gone are removed, those of living ones stay', () => {
  const { pid: dead } = spawnSync('true');
  for (const run of [dead, process.pid]) {
    mkdirSync(join(work, 'tmp', String(run)), { recursive: true });
    writeFileSync(join(work, 'tmp', String(run), 'plugin1'), '');
  }
  removeDeadSockets(work);
  expect([dead, process.pid].map((run) => existsSync(join(work, 'tmp', String(run), 'plugin1')))).toEqual([false, true]);
});
