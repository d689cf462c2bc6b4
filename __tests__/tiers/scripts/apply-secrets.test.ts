import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { repository, Sandbox, scripts } from '../../support/sandbox';

/** A cluster's API: keeps Secrets as files, says who keeps one, and writes down what everybody could read of a call. */
const api = `
all="$*"
case "$all" in
  *' get secret '*) set -- $all; while [[ "$1" != secret ]]; do shift; done; cat "$API/$2.keeper" 2>/dev/null || true ;;
  *' apply '*) body="$(cat)"; name="$(jq -r .metadata.name <<<"$body")"; printf '%s' "$body" >"$API/$name"
    printf 'there / uid=%s ' "$(jq -r '.metadata.labels["flotilla.dev/uid"]' <<<"$body")" >"$API/$name.keeper" ;;
esac`;

let sandbox: Sandbox;
let store: string;
beforeEach(() => {
  sandbox = new Sandbox();
  store = sandbox.clusters(api);
});
afterEach(() => sandbox.remove());

const deployment = '.flotilla/lab@nspawn';
const s3 = { name: 's3', keys: { 'config.json': '{"id": "loki", "key": "{loki-key}", "admin": "{admin-key}"}', plain: 'loki' } };
const input = (more: object = {}) => ({
  deployment,
  uid: 'abc123',
  cluster: 'hub',
  namespace: 'store',
  component: 'shelf',
  secrets: [s3],
  ...more,
});
const lay = (more: object = {}, environment: Record<string, string> = {}) =>
  sandbox.script('host/apply-secrets.sh', input(more), { API: store, ...environment });
const laid = (name: string) => JSON.parse(readFileSync(join(store, name), 'utf8'));
const decoded = (name: string, key: string): string => Buffer.from(laid(name).data[key], 'base64').toString();
const secret = (path: string): string => readFileSync(join(sandbox.deployment, 'secrets', path), 'utf8');

it('fills words with values of its own making, leaves other braces alone, and is silent', () => {
  expect(lay()).toEqual({ code: 0, stdout: '', stderr: '' });
  expect(JSON.parse(decoded('s3', 'config.json'))).toEqual({
    id: 'loki',
    key: secret('random/loki-key'),
    admin: secret('random/admin-key'),
  });
  expect(secret('random/loki-key')).toMatch(/^[A-Za-z0-9]{32}$/);
  expect(decoded('s3', 'plain')).toBe('loki');
  expect(laid('s3')).toMatchObject({ type: 'Opaque', metadata: { namespace: 'store', labels: { 'flotilla.dev/uid': 'abc123' } } });
  expect(statSync(join(sandbox.deployment, 'secrets/random/loki-key')).mode & 0o077).toBe(0);
});

it('makes a value once: a second run and another cluster get the same', () => {
  lay();
  const first = decoded('s3', 'config.json');
  expect(lay({ cluster: 'edge' }).code).toBe(0);
  expect(decoded('s3', 'config.json')).toBe(first);
});

it('makes a CA once, whose certificate vouches for its key, with the marks by which Helm takes the Secret over', () => {
  const ca = { name: 'mesh', helmOwned: true, keys: { 'ca.crt': '{mesh.crt}', 'ca.key': '{mesh.key}' } };
  expect(lay({ secrets: [ca] }).code).toBe(0);
  const [certificate, key] = [decoded('mesh', 'ca.crt'), decoded('mesh', 'ca.key')];
  const modulus = (kind: string, pem: string) =>
    spawnSync('openssl', [kind, '-noout', '-modulus'], { input: pem, encoding: 'utf8' }).stdout;
  expect(modulus('x509', certificate)).toMatch(/^Modulus=/);
  expect(modulus('x509', certificate)).toBe(modulus('rsa', key));
  expect(laid('mesh').metadata).toMatchObject({
    labels: { 'app.kubernetes.io/managed-by': 'Helm' },
    annotations: { 'meta.helm.sh/release-name': 'shelf', 'meta.helm.sh/release-namespace': 'store' },
  });
  expect(lay({ secrets: [ca], cluster: 'edge' }).code).toBe(0);
  expect(decoded('mesh', 'ca.crt')).toBe(certificate);
  expect(readdirSync(join(sandbox.deployment, 'secrets/ca')).sort()).toEqual(['mesh.crt', 'mesh.key']);
});

it('refuses to make a new certificate for a key that got lost', () => {
  const ca = { name: 'mesh', keys: { 'ca.key': '{mesh.key}' } };
  lay({ secrets: [ca] });
  rmSync(join(sandbox.deployment, 'secrets/ca/mesh.key'));
  expect(lay({ secrets: [ca] })).toMatchObject({ code: 1, stderr: expect.stringMatching(/there is no .*mesh.key.*\n.*backup/) });
});

const sinks = { name: 'sinks', keys: { API_KEY: '{API_KEY.brought}', url: 'token={alert-url.brought}&key={loki-key}' } };

it('fills in what a person has brought, without the newline at its end, and lets nobody else read it', () => {
  for (const [name, text] of [
    ['API_KEY', 'xo-1\n'],
    ['alert-url', 'https://x/?a=1&b="2"\n\n'],
  ] as const)
    sandbox.write(`${deployment}/secrets/brought/${name}`, text);
  expect(lay({ secrets: [sinks] })).toEqual({ code: 0, stdout: '', stderr: '' });
  expect([decoded('sinks', 'API_KEY'), decoded('sinks', 'url')]).toEqual([
    'xo-1',
    `token=https://x/?a=1&b="2"&key=${secret('random/loki-key')}`,
  ]);
  expect(statSync(join(sandbox.deployment, 'secrets/brought/API_KEY')).mode & 0o077).toBe(0);
});

it.each([
  ['is not there', null],
  ['is empty', '\n'],
])('makes nothing up for a value to be brought that %s: says where it belongs', (_, text) => {
  if (text !== null) sandbox.write(`${deployment}/secrets/brought/API_KEY`, text);
  const { code, stderr } = lay({ secrets: [sinks] });
  expect([code, existsSync(join(store, 'sinks'))]).toEqual([1, false]);
  expect(stderr).toMatch(/nobody has brought "API_KEY" yet.*\n.*umask 077; cat >.*secrets\/brought\/API_KEY/);
});

it.each([
  ['an owner', 'there ExternalSecret/ uid= '],
  ['its label', 'there /true uid=abc123 '],
])('leaves a Secret alone that External Secrets keeps, known by %s', (_, keeper) => {
  writeFileSync(join(store, 's3.keeper'), keeper);
  expect(lay()).toMatchObject({ code: 0, stderr: expect.stringContaining('left alone') });
  expect(existsSync(join(store, 's3'))).toBe(false);
});

it('refuses a Secret of somebody else, and says how to hand it over', () => {
  writeFileSync(join(store, 's3.keeper'), 'there / uid=zzz999 ');
  expect(lay()).toMatchObject({ code: 1, stderr: expect.stringMatching(/not of this deployment\n(.*\n)*.*label secret s3/) });
  expect(existsSync(join(store, 's3'))).toBe(false);
});

it('two clusters at once come to one value', async () => {
  const environment = { ...process.env, API: store, PATH: `${join(sandbox.root, 'bin')}:${process.env.PATH}` };
  const runs = ['hub', 'edge'].map(
    (cluster) =>
      new Promise((done) => {
        const secrets = [{ name: `s-${cluster}`, keys: { key: '{shared-key}' } }];
        const INPUT = JSON.stringify(input({ cluster, secrets }));
        spawn('bash', [join(scripts, 'host/apply-secrets.sh')], { cwd: sandbox.root, env: { ...environment, INPUT } }).on('close', done);
      }),
  );
  expect(await Promise.all(runs)).toEqual([0, 0]);
  expect(decoded('s-hub', 'key')).toBe(decoded('s-edge', 'key'));
});

/** Everything that anybody could read of the programs that a script calls: command lines and environments. */
function seen(script: string): string {
  const spies = join(sandbox.root, 'spies');
  const state = join(sandbox.root, 'state');
  for (const folder of [spies, state]) mkdirSync(folder, { recursive: true });
  for (const program of ['jq', 'cat', 'mv', 'cmp', 'chmod', 'sync', 'tr', 'head'])
    if (!existsSync(join(spies, program))) symlinkSync(join(repository, '__tests__/fakes/spy/spy'), join(spies, program));
  // kubectl itself is watched by its stub, which writes its arguments down; its environment by this.
  sandbox.stub('kubectl', `cat /proc/self/environ >>"$FLOTILLA_FAKE_STATE/seen"; printf '%s\\n' "$@" >>"$FLOTILLA_FAKE_STATE/seen"${api}`);
  const PATH = [spies, join(sandbox.root, 'bin'), process.env.PATH].join(':');
  sandbox.write(`${deployment}/secrets/brought/pager`, 'brought-by-a-person');
  const run = spawnSync('bash', [script], {
    cwd: sandbox.root,
    encoding: 'utf8',
    env: { PATH, HOME: sandbox.root, API: store, FLOTILLA_FAKE_STATE: state, INPUT: JSON.stringify(input({ secrets: [s3, pager] })) },
  });
  expect(run.status).toBe(0);
  return readFileSync(join(state, 'seen'), 'latin1') + run.stdout + run.stderr;
}
const pager = { name: 'pager', keys: { url: '{pager.brought}' } };
const leaked = (text: string): string[] =>
  ['random/loki-key', 'random/admin-key', 'brought/pager'].filter((name) => text.includes(secret(name)));

it('shows no value to anybody: not as an argument, in an environment or in what it prints', () => {
  const text = seen(join(scripts, 'host/apply-secrets.sh'));
  for (const part of ['\njq\n', '--server-side', 'INPUT=']) expect(text).toContain(part);
  expect(leaked(text)).toEqual([]);
});

it.each([
  ['an argument', `  printf '%s' "$3" | manifest "$2" |`, `  jq -n --arg known "$3" '$known' >/dev/null\n`],
  ['an environment', `  printf '%s' "$3" | manifest "$2" |`, `  known="$3" jq -n 1 >/dev/null\n`],
  ['what it prints', `  printf '%s' "$3" | manifest "$2" |`, `  log "$3"\n`],
])('sabotage: a script that shows a value as %s is found', (_, before, line) => {
  const copy = join(sandbox.copy(), 'host');
  const text = readFileSync(join(copy, 'apply-secrets.sh'), 'utf8');
  expect(text).toContain(before);
  writeFileSync(
    join(copy, 'apply-secrets.sh'),
    text.replace(before, () => line + before),
  );
  expect(leaked(seen(join(copy, 'apply-secrets.sh')))).toContain('brought/pager');
});
