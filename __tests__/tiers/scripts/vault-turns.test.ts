import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Sandbox } from '../../support/sandbox';

/** A sealed Vault as curl shows it: takes a reset, and answers to each key what the file `answer` holds. `sys/init` is never answered. */
const vault = `
body="$(cat)"
case "\${!#} $body" in
  */seal-status*) printf '{"initialized": %s, "sealed": true}\\n200\\n' "$(cat initialized)" ;;
  */sys/unseal*reset*) printf '{}\\n200\\n' ;;
  */sys/unseal*) cat answer ;;
  *) printf '\\n000\\n' ;;
esac`;
const deployment = '.flotilla/lab@nspawn';

let sandbox: Sandbox;
beforeEach(() => {
  sandbox = new Sandbox();
  sandbox.write('initialized', 'true');
  sandbox.stub('curl', vault);
});
afterEach(() => sandbox.remove());

const keep = (keys: readonly string[]): string =>
  sandbox.write(`${deployment}/secrets/vault/hub.json`, { cluster: 'hub', threshold: 3, keys, rootToken: 'r' });
const input = { deployment, cluster: 'hub', address: 'http://127.0.0.1:8200', timeoutSeconds: 100 };
const unseal = (answer: string) => {
  sandbox.write('answer', answer);
  return sandbox.script('host/vault-unseal.sh', input);
};

it.each([
  ['says so', '{"errors": ["invalid key"]}\n400\n', /do not open its Vault: invalid key/],
  ['stays sealed', '{"sealed": true}\n200\n', /do not open its Vault: it is still sealed/],
])('the keys are wrong where Vault %s', (_, answer, said) => {
  keep(['a', 'b', 'c']);
  expect(unseal(answer)).toMatchObject({ code: 1, stderr: expect.stringMatching(said) });
});

it.each([
  ['does not answer', '\n000\n', /did not answer to PUT sys\/unseal/],
  ['has a fault of its own', '{"errors": ["disk is full"]}\n500\n', /refuses PUT sys\/unseal \(HTTP 500\): disk is full/],
  ['is not there behind its service', 'no healthy upstream\n503\n', /refuses PUT sys\/unseal \(HTTP 503\)/],
])('no word against the keys where Vault %s', (_, answer, said) => {
  keep(['a', 'b', 'c']);
  const { code, stderr } = unseal(answer);
  expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringMatching(said) });
  expect(stderr).not.toMatch(/do not open/);
});

it('fewer keys than it needs are called that, and none is given to it', () => {
  keep(['a', 'b']);
  expect(unseal('{"sealed": false}\n200\n')).toMatchObject({ code: 1, stderr: expect.stringMatching(/fewer than 3 keys are kept/) });
  expect(sandbox.calls().filter((call) => call.includes('sys/unseal'))).toEqual([]);
});

const most = (calls: readonly string[], word: RegExp): number => Math.max(0, ...calls.map((call) => Number(call.match(word)?.[1] ?? 0)));

/** Whether a run gives up before the one that it waits for has to. */
function impatience(folder: string): string[] {
  // The lock is somebody else's for five seconds, then ours; and then never.
  sandbox.write('initialized', 'false');
  for (const free of ['[[ "$2" -gt 5 ]]', 'false']) {
    sandbox.stub('flock', free);
    const { code, stderr } = sandbox.bash([join(folder, 'host/vault-init.sh')], { INPUT: JSON.stringify(input) });
    expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringMatching(/waiting for it, for up to \d+ s/) });
  }
  const waits = most(sandbox.calls(), /^flock -w (\d+)/);
  const works = most(sandbox.calls(), /--max-time (\d+) .*sys\/init/) + input.timeoutSeconds;
  expect(works).toBeGreaterThan(input.timeoutSeconds);
  return waits > works ? [] : [`waits for ${waits} s for what may take ${works} s`];
}

it('a run waits for another one for as long as that may wait for Vault', () => expect(impatience(sandbox.copy())).toEqual([]));

it('sabotage: one that gives up after five minutes is seen', () => {
  const copy = sandbox.copy();
  const file = join(copy, 'host/vault-init.sh');
  const text = readFileSync(file, 'utf8');
  const spoiled = text.replace('seconds=$((answer_seconds + ${timeoutSeconds:-120} + 60))', 'seconds=300');
  expect(spoiled).not.toBe(text);
  writeFileSync(file, spoiled);
  expect(impatience(copy)).toEqual(['waits for 300 s for what may take 3700 s']);
});
