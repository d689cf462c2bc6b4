import '../../constructs/quiet-stack-traces';
import { TerraformStack, Testing } from 'cdktf';
import { robusta } from '../../components/assistants/robusta';
import { ObservabilityHub, type ObservabilityHubProps } from '../../constructs/observability-hub';
import { Platform } from '../../constructs/platform';
import type { ClusterPlatformProps } from '../../constructs/platform-cluster';

const place = {
  uid: 'abc123',
  cluster: {
    name: 'hub',
    id: 1,
    role: 'hub',
    podCidr: '10.101.0.0/16',
    serviceCidr: '10.201.0.0/16',
    api: { name: 'api.hub.example.internal', port: 6443 },
    nodes: [{ name: 'hub-cp', role: 'control-plane', address: '10.9.1.1', cpus: 4, memoryMiB: 8192, diskGiB: 60 }],
  },
  kubeconfig: 'kubeconfig/hub',
  domain: 'example.internal',
  kubernetesVersion: '1.35.4',
} as const;

function synthesized(props: ObservabilityHubProps, more: Partial<ClusterPlatformProps> = {}) {
  const stack = new TerraformStack(Testing.app(), 'stack');
  new ObservabilityHub(new Platform(stack, 'hub', { ...place, ...more }), 'seen', props);
  const { resource } = JSON.parse(Testing.synth(stack));
  const { alertmanager } = JSON.parse(resource.helm_release['kube-prometheus-stack'].values[0]);
  const laid = resource.null_resource['secrets-kube-prometheus-stack'];
  return { alertmanager, secrets: laid === undefined ? [] : JSON.parse(laid.triggers.input).secrets };
}
const slack = `https://hooks.slack.com/${'services'}/T1/B1/abcdef`;

test('a webhook that is a secret is a file of a Secret, laid down by its name', () => {
  const { alertmanager, secrets } = synthesized({ alertWebhook: { brought: 'pager' } });
  expect(secrets).toEqual([{ name: 'kube-prometheus-stack-brought', keys: { pager: '{pager.brought}' } }]);
  expect(alertmanager.alertmanagerSpec.secrets).toEqual(['kube-prometheus-stack-brought']);
  const [{ url, url_file }] = alertmanager.config.receivers[1].webhook_configs;
  expect([url, url_file]).toEqual([undefined, '/etc/alertmanager/secrets/kube-prometheus-stack-brought/pager']);
});

test('one that is none stays in the values', () => {
  const { alertmanager, secrets } = synthesized({ alertWebhook: 'https://pager.example.internal/' });
  expect([secrets, alertmanager.alertmanagerSpec.secrets]).toEqual([[], undefined]);
  expect(alertmanager.config.receivers[1].webhook_configs[0].url).toBe('https://pager.example.internal/');
});

test.each<[string, string, ObservabilityHubProps, Partial<ClusterPlatformProps>]>([
  ['alertWebhook', 'hub/seen', { alertWebhook: slack }, {}],
  ['values.grafana.notifiers.slack', 'hub', {}, { values: { grafana: { notifiers: { slack } } } }],
])('what looks like a secret in %s is refused, and not shown', (where, construct, props, more) => {
  const said = () => synthesized(props, more);
  expect(said).toThrow(`stack/${construct}: ${where} hooks.slack.com/…: is a Slack webhook`);
  expect(said).not.toThrow('abcdef');
});

test('any component gets the user-supplied secrets that are named for it', () => {
  const platform = new Platform(new TerraformStack(Testing.app(), 'stack'), 'hub', {
    ...place,
    userSecrets: { robusta: ['SLACK_API_KEY'] },
  });
  platform.install([robusta]);
  const { secrets, values } = platform.resolvedComponent(robusta);
  expect(secrets).toEqual([{ name: 'robusta-brought', keys: { SLACK_API_KEY: '{SLACK_API_KEY.brought}' } }]);
  expect(values).toMatchObject({
    runner: { additional_env_froms: [{ secretRef: { name: 'robusta-brought', optional: true } }] },
  });
});
