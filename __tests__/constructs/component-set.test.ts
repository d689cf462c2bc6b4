import '../../constructs/quiet-stack-traces';
import { TerraformStack, Testing } from 'cdktf';
import { ComponentSet, type SetComponent } from '../../constructs/component-set';
import { HostScript } from '../../constructs/host-script';
import { type Json, redundant } from '../support/stack-graph';

const component = (id: string, more: Partial<SetComponent> = {}): SetComponent => ({
  id,
  namespace: { name: 'shop', podSecurity: 'restricted' },
  chart: { repository: 'https://charts.invalid', name: id, version: '1.2.3' },
  dependsOn: [],
  timeoutSeconds: 300,
  values: {},
  resources: [],
  ready: [],
  ...more,
});
const secrets = [{ name: 'login', keys: { password: '{shop-password}' } }];
const steps = [
  { id: 'open', script: 'host/vault-init.sh', input: { shares: 5 } },
  { id: 'fill', script: 'host/join.sh', handsOn: ['guest/join.sh'] },
].map((step) => ({ ...step, script: 'host/join.sh' }));

function synthesize(components: readonly SetComponent[], prefix = ''): Json {
  const stack = new TerraformStack(Testing.app(), 'stack');
  new ComponentSet(stack, 'set', { uid: 'abc123', cluster: 'hub', kubeconfig: 'kubeconfig/hub', components, prefix });
  return JSON.parse(Testing.synth(stack));
}
const needs = (json: Json, type: string, name: string) => json.resource[type]![name]!.depends_on ?? [];
const input = (json: Json, name: string) => JSON.parse((json.resource.null_resource![name]!.triggers as { input: string }).input);

test('Secrets are laid down before the release, as soon as the namespace is there, not after what the release waits for', () => {
  const json = synthesize([component('base'), component('till', { dependsOn: ['base'], secrets })]);
  expect(needs(json, 'null_resource', 'secrets-till')).toEqual(['kubernetes_namespace_v1.namespace-shop']);
  expect(needs(json, 'helm_release', 'till')).toEqual(['helm_release.base', 'null_resource.secrets-till']);
  expect(input(json, 'secrets-till')).toMatchObject({ uid: 'abc123', cluster: 'hub', namespace: 'shop', component: 'till', secrets });
});

test('steps run one after the other, after the release and before the gate; another release runs them again', () => {
  const made = (values: object) =>
    synthesize([
      component('base', { steps, values: { ...values }, ready: [{ kind: 'nodes-ready' }] }),
      component('till', { dependsOn: ['base'] }),
    ]);
  const json = made({});
  expect(needs(json, 'null_resource', 'step-base-open')).toEqual(['helm_release.base']);
  expect(needs(json, 'null_resource', 'step-base-fill')).toEqual(['null_resource.step-base-open']);
  expect(needs(json, 'null_resource', 'gate-base')).toEqual(['null_resource.step-base-fill']);
  expect(needs(json, 'helm_release', 'till')).toEqual(['null_resource.gate-base']);
  expect(input(json, 'step-base-open')).toMatchObject({ cluster: 'hub', kubeconfig: 'kubeconfig/hub', component: 'base', shares: 5 });
  expect(input(made({ a: 1 }), 'step-base-open').revision).not.toBe(input(json, 'step-base-open').revision);
});

test('what is left in a cluster is left again in another one of that name, and in a namespace that was made again', () => {
  const { secrets: laid, steps: ran } = { secrets: 'secrets-till', steps: 'step-till-open' };
  const { resource } = synthesize([component('till', { secrets, steps })]);
  const triggers = (name: string) => resource.null_resource![name]!.triggers as Record<string, string>;
  for (const name of [laid, ran])
    expect(triggers(name).cluster).toBe(
      '${fileexists("../../../kubeconfig/hub") ? sha256(yamldecode(file("../../../kubeconfig/hub")).clusters[0].cluster["certificate-authority-data"]) : ""}',
    );
  expect(triggers(laid).namespace).toBe('${kubernetes_namespace_v1.namespace-shop.metadata[0].uid}');
});

test('a namespace has the labels, limits and quota that any of its components asks for, before pods come', () => {
  const limits = { default: { memory: '256Mi' }, defaultRequest: { memory: '64Mi' }, max: { memory: '2Gi' } };
  const quota = { 'requests.memory': '8Gi', pods: '20' };
  const namespace = { name: 'shop', podSecurity: 'baseline' } as const;
  const json = synthesize([
    component('base', { namespace: { ...namespace, labels: { 'istio-injection': 'enabled' } } }),
    component('till', { namespace: { ...namespace, limits, quota }, dependsOn: ['base'] }),
  ]);
  expect(json.resource.kubernetes_namespace_v1!['namespace-shop']).toMatchObject({
    metadata: { labels: { 'istio-injection': 'enabled', 'pod-security.kubernetes.io/enforce': 'baseline', 'flotilla.dev/uid': 'abc123' } },
  });
  expect(json.resource.kubernetes_limit_range_v1!['limits-shop']).toMatchObject({
    // By these names a lost one is taken over (runner/terraform/pending-releases.ts).
    metadata: { name: 'flotilla', namespace: 'shop' },
    spec: { limit: [{ type: 'Container', default: limits.default, default_request: limits.defaultRequest, max: limits.max }] },
  });
  expect(json.resource.kubernetes_resource_quota_v1!['quota-shop']).toMatchObject({
    metadata: { name: 'flotilla', namespace: 'shop' },
    spec: { hard: quota },
  });
  expect(needs(json, 'helm_release', 'base')).toEqual(['kubernetes_limit_range_v1.limits-shop', 'kubernetes_resource_quota_v1.quota-shop']);
  expect(needs(json, 'helm_release', 'till')).toEqual(['helm_release.base']);
});

test('nobody is told twice to wait, whatever the components say', () => {
  const json = synthesize([
    component('a', { secrets, ready: [{ kind: 'nodes-ready' }] }),
    component('b', { dependsOn: ['a'], secrets }),
    component('c', { dependsOn: ['a', 'b'] }),
  ]);
  expect(redundant(json)).toEqual([]);
  expect(needs(json, 'helm_release', 'c')).toEqual(['helm_release.b']);
});

test('a prefix is before every name, and a resource can depend on a component of the set', () => {
  const { resource } = synthesize([component('till', { secrets, steps, ready: [{ kind: 'nodes-ready' }] })], 'far-');
  expect(
    Object.values(resource)
      .flatMap((named) => Object.keys(named))
      .filter((name) => !name.startsWith('far-')),
  ).toEqual([]);
  const stack = new TerraformStack(Testing.app(), 'stack');
  const set = new ComponentSet(stack, 'set', { uid: 'abc123', cluster: 'hub', kubeconfig: 'k', components: [component('till')] });
  new HostScript(stack, 'after', { run: 'host/ssh-key.sh', input: {}, dependsOn: [set.readyDependency('till')] });
  const stackJson = JSON.parse(Testing.synth(stack));
  expect(stackJson.resource.null_resource.after.depends_on).toEqual(['helm_release.till']);
  expect(() => set.readyDependency('shelf').fqn).toThrow('no component "shelf"');
});
