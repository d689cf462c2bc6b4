import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describeDeployment } from '../../runner/deployment/deployment';
import { writeArchive } from '../../runner/support/archive';
import { collect } from '../../runner/support/collect';
import { knownSecrets } from '../../runner/support/known-secrets';
import { redact, rules } from '../../runner/support/redact';
import { load, resolveFresh } from '../support/fleet-fixture';

const person = { home: '/srv/melinda', user: 'melinda' };
const body = 'MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7canary';
const certificate = '-----BEGIN CERTIFICATE-----\nMIICcanarycert0123456789canary0123456789\n';
const pem = `-----BEGIN RSA PRIVATE KEY-----\n${body}\n-----END RSA PRIVATE KEY-----`;

/** For each rule a text as it is met, and the word of it that must be gone. */
const canaries: Readonly<Record<string, readonly [text: string, secret: string]>> = {
  'a private key': [pem, body],
  'a certificate': ['-----BEGIN CERTIFICATE-----\nMIICcanarycert\n-----END CERTIFICATE-----', 'MIICcanarycert'],
  'a Slack webhook': [`https://hooks.slack.com/${'services'}/T1/B1/canaryhook`, 'canaryhook'],
  'a Discord webhook': [`https://discord.com/api/${'webhooks'}/1/canaryhook2`, 'canaryhook2'],
  'a Teams webhook': [`https://x.webhook.office.com/${'webhookb2'}/canaryhook3`, 'canaryhook3'],
  'a private key in base64': [`x: ${Buffer.from(pem).toString('base64')}`, Buffer.from(pem).toString('base64').slice(20, 60)],
  'a certificate in base64': [
    `x: ${Buffer.from(certificate).toString('base64')}`,
    Buffer.from(certificate).toString('base64').slice(20, 60),
  ],
  'an OpenSSH private key': ['b3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAEbm9uZQ\nAAAACANARYKEYAAAAAAAAAAA', 'CANARYKEY'],
  'a field of a kubeconfig or Secret': ['    client-key-data: Q0FOQVJZS0VZ', 'Q0FOQVJZS0VZ'],
  'a registry login': ['{"auths":{"r.io":{"auth":"Y2FuYXJ5bG9naW4="}}}', 'Y2FuYXJ5bG9naW4'],
  'a web token': ['sa eyJhbGciOiJSUzI1.eyJzdWIiOiJjYW5hcnki.c2lnbmF0dXJl end', 'eyJzdWIiOiJjYW5hcnki'],
  'an Authorization header': ['Authorization: Bearer canarybearer123', 'canarybearer123'],
  'a URL with a password': ['GET https://melissa:canarypass@registry.test/v2', 'canarypass'],
  'a URL with a token': ['GET https://alerts.test/hook?sig=canarysignature', 'canarysignature'],
  'a join token': ['kubeadm join 10.0.0.1 with cnary1.0123456789abcdef', 'cnary1.0123456789abcdef'],
  'a key in hex': ['key 6361006e6172790000000000000000000000000000000000000000000000cafe', '6361006e61727900'],
  'a Slack token': [`found ${'xoxe'}-0123456789-canaryslack here`, 'canaryslack'],
  'a GitHub token': [`found ${'ghp'}_0123456789canarygithub here`, 'canarygithub'],
  'a GitLab token': [`found ${'glpat'}-0123456789canarygitlab here`, 'canarygitlab'],
  'a Vault token': [`found ${'hvs'}.CAESICanaryCanaryCanaryCanary here`, 'CAESICanary'],
  'an AWS key': [`found ${'ASIA'}0123456789CANARY here`, '0123456789CANARY'],
  'an npm token': [`found ${'npm'}_canary0123456789canary0123456789 here`, 'canary0123456789'],
  'an option of a command': ['helm --registry-password canaryflag install', 'canaryflag'],
  'a named value': ['{"adminPassword":"canary value"} DB_SECRET=canaryenv', 'canary value'],
};

test.each(Object.entries(canaries))('%s is redacted, and would not be without its rule', (kind, [text, secret]) => {
  expect(redact(text, [], person)).not.toContain(secret);
  // As Terraform's log has it: inside a text of a JSON.
  expect(redact(JSON.stringify({ output: `line\n${text}\nline` }), [], person)).not.toContain(secret);
  expect(
    redact(
      text,
      [],
      person,
      rules.filter((rule) => rule.kind !== kind),
    ),
  ).toContain(secret);
});

test('every rule has a canary', () => expect(Object.keys(canaries)).toEqual(rules.map(({ kind }) => kind)));

test('what helps stays: digests, addresses, names; the home folder and the name of the person are shortened', () => {
  const useful = `image busybox@sha256:${'ab'.repeat(32)} on 10.77.0.11:6443, uid 3fa81c, secrets.tf, a token was made, node hub-cp-1 Ready`;
  expect(redact(useful, [], person)).toBe(useful);
  expect(redact('/srv/melinda/fleet by melinda, /srv/melindas', [], person)).toBe('~/fleet by <user>, /srv/melindas');
  expect(redact('user root in /srv/root/x', [], { home: '/srv/root', user: 'root' })).toBe('user root in ~/x');
});

describe('the archive', () => {
  let work: string;
  beforeEach(() => {
    work = mkdtempSync(join(tmpdir(), 'flotilla-canary-'));
  });
  afterEach(() => rmSync(work, { recursive: true, force: true }));

  const ownKey = 'an-own-secret-of-no-known-shape';
  const everything = Object.values(canaries)
    .map(([text]) => text)
    .join('\n');
  const secrets = [
    ...Object.values(canaries).map(([, secret]) => secret),
    ownKey,
    Buffer.from(ownKey).toString('base64').replace(/=+$/, ''),
  ];

  /** A deployment with every canary in every file and every answer, and a state full of them. */
  async function plantAndCollect() {
    const folder = join(work, 'deployment');
    const plant = (path: string, text: string): void => {
      mkdirSync(join(folder, path, '..'), { recursive: true });
      writeFileSync(join(folder, path), text);
    };
    const text = `${everything}\n${ownKey}\n${Buffer.from(ownKey).toString('base64')}`;
    plant('secrets/own', ownKey);
    plant('nodes/hub-cp-1.json', JSON.stringify({ address: '10.0.0.1', note: text }));
    for (const path of ['deployment.json', 'sources.json']) plant(path, text);
    for (const cluster of ['hub', 'edge']) plant(`kubeconfig/${cluster}`, `token: ${ownKey}`);
    for (const run of ['1', '2', '3', '4']) plant(`logs/2026-11-21T0${run}/hub.log`, text);
    plant('logs/registry-aaaaaa.log', text);
    const attributes = { token: text };
    const resource = { mode: 'managed', type: 'null_resource', name: 'lease', instances: [{ index_key: 'hub-cp-1', attributes }] };
    plant('state/hub.tfstate', JSON.stringify({ resources: [resource] }));
    const bin = join(work, 'bin');
    mkdirSync(bin);
    for (const program of ['kubectl', 'terraform', 'go', 'systemd-nspawn', 'ip', 'nft', 'free', 'df', 'uname']) {
      writeFileSync(join(bin, program), `#!/bin/sh\ncat <<'CANARY'\n${text}\nCANARY\n`);
      chmodSync(join(bin, program), 0o755);
    }
    const lab = resolveFresh(load('lab'));
    const scripts = join(work, 'provider');
    mkdirSync(scripts);
    writeFileSync(join(scripts, 'machines.sh'), `cat <<'CANARY' >&2\n${text}\nCANARY\nexit 1`);
    const model = { ...lab, provider: { ...lab.provider, scripts }, warnings: [text] };
    const deployment = describeDeployment(model, folder, bin, null);
    const found = () => [{ check: 'c', verdict: 'fault', found: text, remedy: text }] as const;
    return { folder, pieces: await collect(deployment, found) };
  }
  /** All that is in an archive, names included. */
  const contents = (file: string): string =>
    execFileSync('tar', ['-tzf', file], { encoding: 'utf8' }) + execFileSync('tar', ['-xzOf', file], { encoding: 'utf8', maxBuffer: 1e8 });

  test('holds no canary of any kind from any input, nor the states, and is for its owner alone', async () => {
    const { folder, pieces } = await plantAndCollect();
    const asFound = pieces.map(({ text }) => text).join('\n');
    for (const secret of secrets) expect(asFound).toContain(secret);
    const file = join(work, 'a.tar.gz');
    writeArchive(file, pieces, knownSecrets(folder), { person });
    const inside = contents(file);
    expect(secrets.filter((secret) => inside.includes(secret))).toEqual([]);
    expect(inside).toContain('null_resource.lease["hub-cp-1"]');
    expect(inside).toContain('logs/2026-11-21T04/hub.log');
    expect(inside).not.toContain('logs/2026-11-21T01/');
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(() => writeArchive(file, pieces, [], { person })).toThrow(/EEXIST/);
  });

  test('its twin without one rule, or without what the deployment knows, lets one out', async () => {
    const { folder, pieces } = await plantAndCollect();
    const [noRule, noKnown] = [join(work, 'b.tar.gz'), join(work, 'c.tar.gz')];
    writeArchive(noRule, pieces, knownSecrets(folder), { person, by: rules.filter(({ kind }) => kind !== 'a web token') });
    writeArchive(noKnown, pieces, [], { person });
    expect(contents(noRule)).toContain(canaries['a web token']![1]);
    expect(contents(noKnown)).toContain(ownKey);
  });
});

test('the known secrets are the lines and values of secret files, not what is public', () => {
  const folder = mkdtempSync(join(tmpdir(), 'flotilla-known-'));
  for (const part of ['secrets/ssh/known_hosts.d', 'kubeconfig']) mkdirSync(join(folder, part), { recursive: true });
  writeFileSync(join(folder, 'secrets/ssh/id_ed25519'), `${pem}\n`);
  writeFileSync(join(folder, 'secrets/ssh/id_ed25519.pub'), 'ssh-ed25519 AAAAPUBLIC flotilla');
  writeFileSync(
    join(folder, 'kubeconfig/hub'),
    'kind: Config\nusers:\n- name: hub\n  user:\n    client-key-data: S0VZS0VZS0VZS0VZ\n    server: https://10.77.0.11:6443\n',
  );
  mkdirSync(join(folder, 'secrets/brought'));
  writeFileSync(join(folder, 'secrets/brought/alert-slack-url'), 'https://hooks.example.internal/canary\n');
  const known = knownSecrets(folder);
  expect(known).toEqual(expect.arrayContaining([body, 'S0VZS0VZS0VZS0VZ', 'https://hooks.example.internal/canary']));
  expect(known.filter((value) => /PUBLIC|^https:..10|^kind|BEGIN RSA PRIVATE KEY-----$/.test(value))).toEqual([]);
  rmSync(folder, { recursive: true });
});
