import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { catalog } from '../../components';
import { secretShapes } from '../../config/secret-shapes';
import { secretsIn } from '../../model/secret-shapes';
import { load, resolveFresh, root } from '../support/fleet-fixture';

// In parts, or whoever looks for secrets in repositories finds them here.
const secrets: readonly [what: string, text: string, hidden: string][] = [
  ['a Slack webhook', `https://hooks.slack.com/${'services'}/T1/B1/abcdef`, 'abcdef'],
  ['a Discord webhook', `https://discord.com/api/${'webhooks'}/1/abcdef`, 'abcdef'],
  ['a Teams webhook', `https://x.webhook.office.com/${'webhookb2'}/abcdef`, 'abcdef'],
  ['a Slack token', `${'xoxb'}-0123456789-abcdef`, 'abcdef'],
  ['a GitHub token', `${'ghp'}_0123456789abcdef`, '0123'],
  ['a GitLab token', `${'glpat'}-0123456789abcdef`, '0123'],
  ['a Vault token', `${'hvs'}.0123456789abcdef`, '0123'],
  ['an AWS key', `${'AKIA'}0123456789ABCDEF`, '0123'],
  ['a private key', `-----BEGIN RSA ${'PRIVATE'} KEY-----\nMIIEabcdef\n`, 'MIIE'],
  ['a URL with a password', 'postgres://app:hunter2@db.app.svc/app', 'hunter2'],
  ['a URL with a token', 'https://alerts.example.internal/hook?token=0123456789abcdef', '0123'],
];

test.each(secrets)('%s is seen wherever it stands, and shown in its first letters only', (what, text, hidden) => {
  const found = secretsIn({ sinks: [{ config: `before\n  url: ${text}\nafter` }] }, ['values']);
  expect(found).toEqual([
    {
      path: ['values', 'sinks', 0, 'config'],
      value: expect.stringMatching(/.…$/),
      rule: expect.stringContaining(what),
      remedy: expect.any(String),
    },
  ]);
  expect(JSON.stringify(found)).not.toContain(hidden);
});

test.each([
  'https://pager.example.internal/',
  'http://robusta-runner.robusta.svc/api/alerts',
  'https://hooks.slack.com/{{ env.SLACK_PATH }}',
  'https://hooks.slack.com/services/${SLACK_PATH}',
  'postgres://app:${PASSWORD}@db.app.svc/app',
  'postgres://app:$(PASSWORD)@db.app.svc/app',
  '{{ env.SLACK_API_KEY }}',
  'registry.example.internal:5000/app@sha256:0123456789abcdef',
  '-----BEGIN CERTIFICATE-----',
  'xoxb- is how such a token begins',
])('%j is none', (text) => expect(secretsIn([text])).toEqual([]));

test.each<[name: string, values: unknown, path: (string | number)[]]>([
  ['adminPassword', { adminPassword: 'hunter2' }, ['adminPassword']],
  ['smtp_auth_password', { global: { smtp_auth_password: 'hunter2' } }, ['global', 'smtp_auth_password']],
  ['opsgenie_api_key', { receivers: [{ opsgenie_api_key: 'hunter2' }] }, ['receivers', 0, 'opsgenie_api_key']],
  ['routing_key', { pagerduty_configs: [{ routing_key: 'hunter2' }] }, ['pagerduty_configs', 0, 'routing_key']],
  ['credentials', { authorization: { type: 'Bearer', credentials: 'hunter2' } }, ['authorization', 'credentials']],
  ['secretKey', { accessKey: 'loki', secretKey: 'hunter2' }, ['secretKey']],
  ['AWS_SECRET_ACCESS_KEY', { env: { AWS_SECRET_ACCESS_KEY: 'hunter2' } }, ['env', 'AWS_SECRET_ACCESS_KEY']],
  ['bot_token', { bot_token: 'hunter2' }, ['bot_token']],
  ['KC_DB_PASSWORD', { extraEnv: [{ name: 'KC_DB_PASSWORD', value: 'hunter2' }] }, ['extraEnv', 0, 'value']],
  ['KC_DB_PASSWORD', { extraEnv: '- name: KC_LOG\n  value: info\n- name: KC_DB_PASSWORD\n  value: "hunter2"\n' }, ['extraEnv']],
  ['aws_secret_access_key', { cloud: '[default]\naws_access_key_id = velero\naws_secret_access_key = hunter2\n' }, ['cloud']],
  ['smtp_auth_password', { config: 'global:\n  smtp_auth_password: hunter2\n' }, ['config']],
  ['--token', { args: ['serve', '--token', 'hunter2'] }, ['args', 2]],
  ['api-key', { args: ['--api-key=hunter2'] }, ['args', 0]],
  ['PGPASSWORD', { command: ['sh', '-c', 'PGPASSWORD=hunter2 psql'] }, ['command', 2]],
  ['who', { extraObjects: [{ kind: 'Secret', stringData: { who: 'hunter2' } }] }, ['extraObjects', 0, 'stringData', 'who']],
  ['password', { extraObjects: [{ kind: 'Secret', data: { password: 'aHVudGVyMg==' } }] }, ['extraObjects', 0, 'data', 'password']],
])('%s is seen by its name: %j', (name, values, path) => {
  const found = secretsIn(values);
  expect(found).toEqual([{ path, value: '…', rule: expect.stringContaining(`${name}`), remedy: expect.any(String) }]);
  expect(JSON.stringify(found)).not.toMatch(/hunter2|aHVudGVyMg/);
});

test.each([
  { adminPassword: '' },
  { adminPassword: null, token: true, apiKey: 7, password: ' ' },
  { automountServiceAccountToken: 'false' },
  { admin: { existingSecret: 'grafana-admin', userKey: 'admin-user', passwordKey: 'admin-password' } },
  { auth: { existingSecret: 'login', existingSecretKey: 'password', existingSecretPasswordKey: 'password' } },
  { secretKeys: { adminPassword: 'admin-password' } },
  { objstoreConfig: { secretName: 'thanos-objstore', secretKey: 'objstore.yml' } },
  { data: [{ secretKey: 'password', remoteRef: { key: 'mgmt/login', property: 'value' } }] },
  { password: { secretKeyRef: { name: 'login', key: 'password' } }, passwordSecretName: 'login', tokenSecretRef: 'login' },
  { extraEnv: [{ name: 'DB_PASSWORD', valueFrom: { secretKeyRef: { name: 'login', key: 'password' } } }] },
  { extraEnv: '- name: DB_PASSWORD\n  valueFrom: { secretKeyRef: { name: login, key: password } }\n' },
  { password: '${DB_PASSWORD}', api_key: '{{ env.API_KEY }}', token: '$(TOKEN)', apiKey: '$__file{/etc/secrets/key}', secretKey: '$KEY' },
  { password: '/etc/secrets/password', smtp_auth_password_file: '/etc/x', bearer_token_file: 'x', credentials_file: 'x' },
  { tokenTTL: '10m', maxTokens: '1000', passwordPolicy: 'length(8)', credentialsId: 'git', tokenAudience: 'vault' },
  { args: ['--token', '--verbose'], command: ['kubectl', 'create', 'token', 'robot', '--token=$(TOKEN)', '--token-file=/x'] },
  { config: 'global:\n  smtp_auth_password_file: /etc/x\n  # password: see the wiki\n  password:\n  token: ${TOKEN}\n' },
  { expr: 'sum by (token) (rate(logins_total{kind="password"}[5m])) > 0', summary: 'the password: it is wrong' },
  {
    extraObjects: [
      { kind: 'ConfigMap', data: { who: 'me' } },
      { kind: 'Secret', stringData: { who: '${WHO}' } },
    ],
  },
])('no secret: %j', (values) => expect(secretsIn(values)).toEqual([]));

test('what our own components say holds none, nor what every stock fleet says', () => {
  const said = ['trio', 'tart', 'kind'].flatMap((fleet) =>
    resolveFresh(load(fleet)).clusters.flatMap(({ name, components }) =>
      components.map(({ id, values, resources }) => ({ at: `${id} of ${name}`, found: secretsIn([values, resources]) })),
    ),
  );
  for (const fleet of ['trio', 'tart', 'kind', 'lab', 'ha', 'selftest']) expect(secretsIn(load(fleet).spec)).toEqual([]);
  expect(said.length).toBeGreaterThan(catalog.length);
  expect(said.filter(({ found }) => found.length > 0)).toEqual([]);
});

test('every shape that a fleet file must not hold is tried, here or in fixtures/cases/secrets.yaml', () => {
  const cases = readFileSync(join(root, '__tests__/fixtures/cases/secrets.yaml'), 'utf8');
  const here = secrets.map(([what]) => what);
  const untried = secretShapes.filter(({ refused, kind }) => refused !== false && !here.includes(kind) && !cases.includes(`is ${kind}`));
  expect(untried.map(({ kind }) => kind)).toEqual([]);
});

test.each(secrets)('without its shape, %s would pass', (what, text) => {
  const found = secretShapes.filter(({ refused }) => refused !== false && refused.test(text)).map(({ kind }) => kind);
  expect(found).toEqual([what]);
});
