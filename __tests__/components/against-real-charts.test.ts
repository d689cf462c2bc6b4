import { catalog } from '../../components';
import { staticValues } from '../../model/resolve-components';
import { type Json, load, readFile, resolveFresh } from '../support/fleet-fixture';
import { component, contextOf, valuesOf } from '../support/observability-clusters';

const fleets = Object.fromEntries(['trio', 'tart', 'kind'].map((name) => [name, resolveFresh(load(name))]));
const clusters = Object.values(fleets).flatMap(({ clusters }) => clusters);
const valuesIn = (fleet: string, cluster: string, id: string): Json =>
  fleets[fleet]!.clusters.find(({ name }) => name === cluster)!.components.find((one) => one.id === id)!.values;

describe('the daily backup', () => {
  const policyOf = (values: Json): Json => {
    const { kind, name } = values.schedules['daily-full-backup'].template.resourcePolicy;
    expect(kind).toBe('configmap');
    // The chart prefixes the name with that of the release.
    return JSON.parse(values.configMaps[name.replace(/^velero-/, '')].data['policy.yaml']);
  };
  /** Charts put the class of a claim under different keys. */
  const onLocalPath = (id: string) => JSON.stringify(valuesOf(id, contextOf('hub'))).includes('"local-path"');

  test('skips the volumes of every program that stores metrics, logs or traces on the class local-path, and no others', () => {
    const { version, volumePolicies } = policyOf(valuesOf('velero', contextOf('hub')));
    expect(version).toBe('v1');
    for (const { conditions, action } of volumePolicies) {
      expect(action).toEqual({ type: 'skip' });
      expect(conditions.storageClass).toEqual(['local-path']);
    }
    const names = volumePolicies.map(({ conditions }: Json) => conditions.pvcLabels['app.kubernetes.io/name']);
    expect(names.sort()).toEqual(['loki', 'prometheus', 'prometheus-agent', 'tempo', 'thanos']);
    const keep = catalog.filter(({ id, chart }) => chart !== undefined && id !== 'local-path' && onLocalPath(id)).map(({ id }) => id);
    expect(keep.filter((id) => id !== 'velero').sort()).toEqual(['kube-prometheus-stack', 'loki', 'tempo', 'thanos']);
  });

  test('skips them in every cluster that makes backups', () => {
    const all = clusters.flatMap(({ components }) => components.filter(({ id }) => id === 'velero'));
    expect(all.length).toBeGreaterThan(2);
    for (const { values } of all) expect(policyOf(values).volumePolicies).toHaveLength(5);
  });
});

test('the policy on limits matches pods only, because a LimitRange sets limits of pods only; the other policies match controllers too', () => {
  const policies = component('kyverno-policies').resources!(contextOf('agent')) as Json[];
  const podsOnly = policies.filter(({ spec }) => spec.autogen !== undefined);
  expect(podsOnly.map(({ metadata }) => metadata.name)).toEqual(['require-resource-limits']);
  expect(podsOnly[0]!.spec.autogen).toEqual({ podControllers: { controllers: [] } });
  expect(policies).toHaveLength(5);
});

test('every series of every Prometheus has the label cluster, not only the samples that it sends', () => {
  const all = clusters.flatMap(({ name, components }) =>
    components
      .filter(({ id }) => id === 'kube-prometheus-stack')
      .map(({ values }) => [name, (values as Json).prometheus.prometheusSpec] as const),
  );
  expect(all.map(([name]) => name)).toEqual(['mgmt', 'app1', 'app2', 'platform', 'kind']);
  for (const [cluster, { externalLabels, scrapeClasses }] of all) {
    expect(externalLabels).toEqual({ cluster });
    expect(scrapeClasses).toEqual([{ name: 'cluster', default: true, relabelings: [{ targetLabel: 'cluster', replacement: cluster }] }]);
  }
});

describe('defaults of charts that values replace', () => {
  const at = (id: string, path: string): unknown =>
    path.split('.').reduce((value: Json, key) => value?.[key], staticValues(id, readFile) as Json);

  test.each([
    ['the init container of Cilium does not raise the effective request of its pod', 'cilium', 'cni.resources.requests.cpu', '10m'],
    ['certificates of Hubble are valid as long as those of the mesh', 'cilium', 'hubble.tls.auto.certValidityDuration', 1095],
    [
      'Falco mounts the one socket that nodes have',
      'falco',
      'collectors.containerEngine.engines.cri.sockets',
      ['/run/containerd/containerd.sock'],
    ],
    ['Falco mounts no socket of a second containerd', 'falco', 'collectors.containerEngine.engines.containerd.enabled', false],
    ['Keycloak uses local caches', 'keycloak', 'extraEnvVars', [{ name: 'KC_CACHE', value: 'local' }]],
    [
      'an image is not scanned again within a week, because each scan downloads the database',
      'trivy-operator',
      'operator.scannerReportTTL',
      '168h',
    ],
    ['the readiness of the volume provisioner is probed after one second', 'local-path', 'health.readinessProbe.initialDelaySeconds', 1],
    [
      'the pods of `helm test` of VPA satisfy pod security restricted',
      'vpa',
      'tests.securityContext.seccompProfile.type',
      'RuntimeDefault',
    ],
    ['Loki gets -config.expand-env once, from its chart', 'loki', 'singleBinary.extraArgs', undefined],
    ['Robusta has no playbooks for a sink that does not exist', 'robusta', 'enablePlatformPlaybooks', false],
  ])('%s', (_, id, path, wanted) => expect(at(id, path)).toEqual(wanted));

  test('no rule of Falco uses the deprecated field evt.dir', () => {
    expect(readFile('components/files/falco/fleet-rules.yaml')).not.toContain('evt.dir');
  });

  test('the requests that a component declares equal those of its values', () => {
    const memory = (text: string) => Number.parseInt(text, 10);
    const { resources, postgres } = staticValues('keycloak', readFile) as Json;
    expect(memory(resources.requests.memory) + memory(postgres.resources.requests.memory)).toBe(
      component('keycloak').requests!.hub!.memoryMiB,
    );
    const { runner, kubewatch } = staticValues('robusta', readFile) as Json;
    expect(memory(runner.resources.requests.memory) + memory(kubewatch.resources.requests.memory)).toBe(
      component('robusta').requests!.hub!.memoryMiB,
    );
  });
});

describe('base URLs of links', () => {
  test('of Argo CD: its route at the gateway, and empty without a gateway', () => {
    expect(valuesIn('trio', 'mgmt', 'argo-cd').configs.cm.url).toBe('https://argo-cd.mgmt.flotilla.internal');
    const [withoutIssuer, withoutGateway] = [['vault-issuer'], ['gateway']].map(
      (left) => valuesOf('argo-cd', contextOf('hub', left)).configs.cm.url,
    );
    expect([withoutIssuer, withoutGateway]).toEqual(['http://argo-cd.mgmt.flotilla.internal', '']);
  });

  test('of Jenkins: the name of the API server, which nodes and pods resolve, with the NodePort of Jenkins', () => {
    const { jenkinsUrl, nodePort } = valuesIn('tart', 'platform', 'jenkins').controller;
    expect(jenkinsUrl).toBe(`http://${fleets.tart!.clusters[0]!.api.name}:${nodePort}/`);
  });
});

test('mgmt of trio has a control plane of 3 GiB and a worker of 7 GiB', () => {
  const [mgmt] = fleets.trio!.clusters;
  expect(mgmt!.nodes.map(({ memoryMiB }) => memoryMiB)).toEqual([3072, 7168]);
});
