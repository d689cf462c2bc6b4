import { pinnedCharts } from '../../artifacts/charts/lock';
import type { Loose } from '../../chart-lint/contracts';
import { quietPrograms } from '../../chart-lint/phone-home';
import { phoneHome } from '../../chart-lint/phone-home-switches';
import { searchedPrograms, unsearchedPrograms } from '../../chart-lint/searched-programs';
import { configMap, fleet, workload } from './rendered';

const images: Readonly<Record<string, string>> = {
  Robusta: 'example.org/robustadev/robusta-runner:1',
  Grafana: 'docker.io/grafana/grafana:1',
  Loki: 'docker.io/grafana/loki:1',
  Tempo: 'docker.io/grafana/tempo:1',
  SeaweedFS: 'chrislusf/seaweedfs:1',
  Jenkins: 'docker.io/jenkins/jenkins:1',
  "Trivy, in the operator's scans": 'ghcr.io/aquasecurity/trivy-operator:1',
  Traefik: 'docker.io/traefik:v3',
};
type Variables = Readonly<Record<string, string>>;
const running = (program: string, env: Variables = {}, args: readonly string[] = []) =>
  workload('Deployment', 'it', {
    containers: [{ name: 'it', image: images[program], args, env: Object.entries(env).map(([name, value]) => ({ name, value })) }],
  });
const faults = (...objects: readonly Loose[]) => quietPrograms(fleet(...objects)).faults.map(({ text }) => text);
const ini = (...lines: string[]) => configMap({ 'grafana.ini': ['[analytics]', ...lines, '[log]', 'mode = console'].join('\n') });
const yaml = (text: string) => configMap({ 'config.yaml': text });
const secret = (text: string) => ({
  kind: 'Secret',
  apiVersion: 'v1',
  metadata: { name: 'config' },
  data: { 'config.yaml': Buffer.from(text).toString('base64') },
});

test.each([
  ['Robusta', [running('Robusta', { ENABLE_TELEMETRY: 'false', SEND_ADDITIONAL_TELEMETRY: 'false' })]],
  ['Grafana', [running('Grafana'), ini('reporting_enabled = false', 'check_for_updates = false', 'check_for_plugin_updates=false')]],
  [
    'Grafana',
    [
      running('Grafana', {
        GF_ANALYTICS_REPORTING_ENABLED: 'false',
        GF_ANALYTICS_CHECK_FOR_UPDATES: 'False',
        GF_ANALYTICS_CHECK_FOR_PLUGIN_UPDATES: '"false"',
      }),
    ],
  ],
  ['Loki', [running('Loki'), yaml('analytics: { reporting_enabled: false }')]],
  ['Loki', [running('Loki'), secret('analytics: { reporting_enabled: false }')]],
  ['Loki', [running('Loki', {}, ['-reporting.enabled=false'])]],
  ['Tempo', [running('Tempo'), yaml('usage_report:\n  reporting_enabled: false\n')]],
  ['SeaweedFS', [running('SeaweedFS', {}, ['exec weed server \\\n  -master.telemetry=false -dir=/data'])]],
  ['SeaweedFS', [running('SeaweedFS', {}, ['filer', '-dir=/data'])]],
  [
    'Jenkins',
    [running('Jenkins', { JAVA_OPTS: '-Xmx1g -Dhudson.model.UsageStatistics.disabled=true -Dhudson.model.UpdateCenter.never=true' })],
  ],
  ['Jenkins', [running('Jenkins', { JAVA_OPTS: '-Dhudson.model.UpdateCenter.never=true' }), yaml('jenkins: { noUsageStatistics: true }')]],
  [
    "Trivy, in the operator's scans",
    [
      running("Trivy, in the operator's scans"),
      configMap({ 'trivy.configFile': 'scan: { disable-telemetry: true, skip-version-check: true }' }),
    ],
  ],
  ['Traefik', [running('Traefik', {}, ['--global.sendanonymoususage=false'])]],
])('%s that is told to keep quiet is fine', (_, objects) => expect(faults(...objects)).toEqual([]));

test.each([
  [
    'Robusta',
    [running('Robusta', { SEND_ADDITIONAL_TELEMETRY: 'false' })],
    /^Robusta \(container it\) sends node count.* set the variable ENABLE_TELEMETRY to false$/,
  ],
  ['Robusta', [running('Robusta', { ENABLE_TELEMETRY: 'true' })], /ENABLE_TELEMETRY/],
  [
    'Robusta',
    [running('Robusta', { ENABLE_TELEMETRY: 'false', SEND_ADDITIONAL_TELEMETRY: 'true' })],
    /Sentry, because the variable SEND_ADDITIONAL_TELEMETRY to true is set/,
  ],
  [
    'Loki',
    [running('Loki'), yaml('analytics: { reporting_enabled: true }')],
    /set analytics\.reporting_enabled: false in its configuration/,
  ],
  ['Tempo', [running('Tempo'), yaml('usage_report: {}')], /usage_report\.reporting_enabled/],
  ['Grafana', [running('Grafana'), ini('reporting_enabled = false', 'check_for_updates = false')], /check_for_plugin_updates/],
  ['SeaweedFS', [running('SeaweedFS', {}, ['exec weed server -dir=/data'])], /-master\.telemetry=false/],
  ['Jenkins', [running('Jenkins', { JAVA_OPTS: '-Dhudson.model.UpdateCenter.never=true' })], /UsageStatistics/],
  ['Jenkins', [running('Jenkins', { JAVA_OPTS: '-Dhudson.model.UsageStatistics.disabled=true' })], /UpdateCenter/],
  [
    "Trivy, in the operator's scans",
    [running("Trivy, in the operator's scans"), configMap({ 'trivy.configFile': 'scan: { skip-version-check: true }' })],
    /scan\.disable-telemetry: true in its configuration/,
  ],
  [
    'Traefik',
    [running('Traefik', {}, ['--global.checknewversion', '--log.level=INFO'])],
    /because the argument --global\.checknewversion is set/,
  ],
])('mutation: %s that is not told so is found', (_, objects, words) => expect(faults(...objects)).toEqual([expect.stringMatching(words)]));

test('an init container counts too', () =>
  expect(faults(workload('Deployment', 'it', { containers: [], initContainers: [{ name: 'first', image: images.Loki }] }))).toEqual([
    expect.stringContaining('container first'),
  ]));

test('every program of the table is tried here', () => {
  const tried = new Set(Object.keys(images));
  expect([...new Set(phoneHome.map(({ program }) => program))].filter((program) => !tried.has(program))).toEqual([]);
});

const jenkinsInit = (command: readonly string[]) =>
  workload('StatefulSet', 'it', { containers: [], initContainers: [{ name: 'init', image: images.Jenkins, command }] });

test('the init container of the chart of Jenkins runs the plugin manager, not Jenkins', () =>
  expect(faults(jenkinsInit(['sh', '/var/jenkins_config/apply_config.sh']))).toEqual([]));

test('mutation: an init container that runs Jenkins is found', () =>
  expect(faults(jenkinsInit(['sh', '/var/jenkins_config/start.sh']))).toEqual([
    expect.stringContaining('UsageStatistics'),
    expect.stringContaining('UpdateCenter'),
  ]));

/** The program that each chart installs; `null`: definitions, or objects for programs of other charts. */
const programOfChart: Readonly<Record<string, string | null>> = {
  'argo-cd': 'Argo CD',
  'argocd-apps': null,
  base: 'Istio',
  'cert-manager': 'cert-manager controller',
  cilium: 'Cilium',
  cni: 'Istio',
  'external-secrets': 'External Secrets',
  falco: 'Falco',
  gateway: 'Istio',
  'gateway-api-crds': null,
  goldilocks: 'Goldilocks',
  grafana: 'Grafana',
  istiod: 'Istio',
  jenkins: 'Jenkins',
  'k8sgpt-operator': 'K8sGPT',
  keda: 'KEDA',
  keycloak: 'Keycloak',
  'kiali-server': 'Kiali',
  'kube-prometheus-stack': 'Prometheus',
  kyverno: 'Kyverno',
  'local-path-provisioner': 'local-path-provisioner',
  loki: 'Loki',
  metallb: 'MetalLB',
  'metrics-server': 'Kubernetes Metrics Server',
  'opentelemetry-collector': 'OpenTelemetry Collector',
  'prometheus-operator-crds': null,
  robusta: 'Robusta',
  seaweedfs: 'SeaweedFS',
  tempo: 'Tempo',
  thanos: 'Thanos',
  'trivy-operator': "Trivy, in the operator's scans",
  vault: 'Vault',
  velero: 'Velero',
  vpa: 'VPA',
};

test('every chart has a program in exactly one list: with a switch, searched, or not searched', () => {
  expect(Object.keys(programOfChart).sort()).toEqual(
    pinnedCharts()
      .map(({ name }) => name)
      .sort(),
  );
  const lists = [phoneHome.map(({ program }) => program), searchedPrograms.map(({ program }) => program), unsearchedPrograms];
  const programs = Object.values(programOfChart).filter((program) => program !== null);
  expect(programs.filter((program) => lists.filter((list) => list.includes(program)).length !== 1)).toEqual([]);
});

test('the lists of searched programs name only programs that a chart installs, each once', () => {
  const listed = [...searchedPrograms.map(({ program }) => program), ...unsearchedPrograms];
  expect(listed.filter((program) => !Object.values(programOfChart).includes(program))).toEqual([]);
  expect(new Set(listed).size).toBe(listed.length);
});
