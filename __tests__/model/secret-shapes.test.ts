import { catalog } from '../../components';
import { secretsIn } from '../../model/secret-shapes';
import { load, resolveFresh } from './lab';

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

test('what our own components say holds none', () => {
  const said = ['trio', 'tart', 'kind'].flatMap((fleet) =>
    resolveFresh(load(fleet)).clusters.flatMap(({ name, components }) =>
      components.map(({ id, values, resources }) => ({ at: `${id} of ${name}`, found: secretsIn([values, resources]) })),
    ),
  );
  expect(said.length).toBeGreaterThan(catalog.length);
  expect(said.filter(({ found }) => found.length > 0)).toEqual([]);
});
