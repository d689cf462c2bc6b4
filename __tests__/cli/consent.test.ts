import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { typedName } from '../../runner/confirm';
import { requireConsent } from '../../runner/consent';
import { load, resolveFresh } from '../support/fleet-fixture';

jest.mock('../../runner/confirm', () => ({ typedName: jest.fn() }));
const answer = jest.mocked(typedName);

const folder = mkdtempSync(join(tmpdir(), 'flotilla-consent-'));
afterAll(() => rmSync(folder, { recursive: true }));

test('on a terminal the clusters are named and one question is asked; only the typed name agrees', async () => {
  const lease = { mode: 'managed', type: 'null_resource', name: 'lease', instances: [{ index_key: 'old-cp-1' }] };
  mkdirSync(join(folder, 'state'));
  for (const stack of ['old', 'hub', 'foundation'])
    writeFileSync(join(folder, 'state', `${stack}.tfstate`), JSON.stringify({ resources: [lease] }));
  const opened = { model: resolveFresh(load('lab')), folder };
  const print = jest.spyOn(console, 'log').mockImplementation(() => {});
  try {
    answer.mockResolvedValueOnce(true);
    await requireConsent(opened, false, true);
    expect(print.mock.calls).toEqual([[expect.stringMatching(/lab@nspawn: .*deletes with all their data: old$/)]]);
    expect(answer.mock.calls).toEqual([['up', 'lab@nspawn', 'Type lab@nspawn to go on: ']]);
    answer.mockResolvedValueOnce(false);
    await expect(requireConsent(opened, false, true)).rejects.toThrow(/nothing was changed/);
    await requireConsent(opened, true, true);
    expect(answer).toHaveBeenCalledTimes(2);
  } finally {
    print.mockRestore();
  }
});
