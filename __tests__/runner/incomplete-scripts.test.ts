import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Deployment } from '../../runner/deployment/deployment';
import { beginApply, endApply, unfinishedScripts } from '../../runner/terraform/incomplete-scripts';

const folder = mkdtempSync(join(tmpdir(), 'flotilla-unfinished-'));
mkdirSync(join(folder, 'state'));
afterAll(() => rmSync(folder, { recursive: true }));

const stack = 'hub';
const log = join(folder, 'hub.log');
const deployment = {
  folder,
  stateFile: (name: string) => join(folder, 'state', `${name}.tfstate`),
  logFile: () => log,
} as unknown as Deployment;

/** What Terraform has saved: a name and the id that it got. */
const saved = (ids: Record<string, string>): void => {
  const resources = Object.entries(ids).map(([name, id]) => ({
    mode: 'managed',
    type: 'null_resource',
    name: name.split('[')[0],
    instances: [{ attributes: { id }, ...(name.includes('[') ? { index_key: 'a' } : {}) }],
  }));
  writeFileSync(deployment.stateFile(stack), JSON.stringify({ resources }));
};
const said = (...names: string[]): void =>
  writeFileSync(
    log,
    [
      ...names.map((name) =>
        JSON.stringify({ type: 'apply_complete', hook: { resource: { addr: `null_resource.${name}` }, action: 'create' } }),
      ),
      '{"type":"apply_comp',
    ].join('\n'),
  );
const unfinished = (): readonly string[] => unfinishedScripts(deployment, stack).map((address) => address.replace('null_resource.', ''));

test('what a killed run saved as made, and never told to be complete, is to be made again until it is', () => {
  saved({ old: '1', again: '2' });
  said();
  beginApply(deployment, stack);
  expect(unfinished()).toEqual([]);

  // Killed: `again` was being replaced, `late` made; `done` had come to its end, and a lease and a marker run nothing.
  saved({ old: '1', again: '3', done: '4', late: '5', 'lease["a"]': '6', teardown: '7' });
  said('done');
  expect(unfinished()).toEqual(['again', 'late']);

  // The next one is killed too, before it came to `late`.
  beginApply(deployment, stack);
  saved({ old: '1', again: '8', done: '4', late: '5', 'lease["a"]': '6', teardown: '7' });
  said('again');
  expect(unfinished()).toEqual(['late']);

  // The one after that comes to an end, but its plan failed: nothing was made.
  beginApply(deployment, stack);
  said();
  endApply(deployment, stack);
  expect(unfinished()).toEqual(['late']);

  beginApply(deployment, stack);
  saved({ old: '1', again: '8', done: '4', late: '9' });
  endApply(deployment, stack);
  expect(unfinished()).toEqual([]);
});

test('a run that ended by itself owes nothing: Terraform has marked what failed', () => {
  saved({});
  beginApply(deployment, stack);
  saved({ failed: '1' });
  said();
  endApply(deployment, stack);
  expect(unfinished()).toEqual([]);
});
