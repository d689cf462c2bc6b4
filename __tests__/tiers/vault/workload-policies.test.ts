import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Manifest } from '../../../components/define';
import { ApiServer, kubernetesPrograms } from '../../support/api-server';
import type { Json } from '../../support/fleet-fixture';
import { component, contextOf } from '../../support/observability-clusters';

/** The policies as the API server itself can judge them: the same expressions, words and scope; Kyverno adds reports about what runs already. */
function nativePolicies(policies: readonly Manifest[]): readonly Json[] {
  return policies.flatMap(({ metadata: { name }, spec }: Json) => [
    {
      apiVersion: 'admissionregistration.k8s.io/v1',
      kind: 'ValidatingAdmissionPolicy',
      metadata: { name },
      spec: {
        failurePolicy: spec.failurePolicy,
        matchConstraints: spec.matchConstraints,
        variables: spec.variables,
        validations: spec.validations,
      },
    },
    {
      apiVersion: 'admissionregistration.k8s.io/v1',
      kind: 'ValidatingAdmissionPolicyBinding',
      metadata: { name },
      spec: { policyName: name, validationActions: spec.validationActions },
    },
  ]);
}

const limits = { cpu: '100m', memory: '32Mi' };
const container = { name: 'main', image: 'docker.io/library/nginx:1.29', resources: { limits }, securityContext: { runAsNonRoot: true } };
const good = { containers: [container] };
const main = (more: Json) => ({ containers: [{ ...container, ...more }] });

const accepted: Readonly<Record<string, Json>> = {
  'keeps everything': good,
  'says for the whole pod that it is not root': { ...main({ securityContext: {} }), securityContext: { runAsNonRoot: true } },
  'comes from the own registry': main({ image: 'harbor.flotilla.internal/team/app:1' }),
  'has an init container that keeps everything': { ...good, initContainers: [{ ...container, name: 'first' }] },
};
const refused: Readonly<Record<string, readonly [Json, RegExp]>> = {
  'has no limits': [main({ resources: {} }), /limits for CPU and memory/],
  'has no limit for memory': [main({ resources: { limits: { cpu: '1' } } }), /limits for CPU and memory/],
  'comes from another registry': [main({ image: 'quay.io/evil/app:1' }), /images may come from/],
  'names no registry': [main({ image: 'nginx:1.29' }), /images may come from/],
  'only looks like a known registry': [main({ image: 'gcr.io.evil.org/app:1' }), /images may come from/],
  'is privileged': [main({ securityContext: { runAsNonRoot: true, privileged: true } }), /privileged containers/],
  'shares the network of the host': [{ ...good, hostNetwork: true }, /namespaces of the host/],
  'may be root': [main({ securityContext: {} }), /runAsNonRoot/],
  'is user 0': [{ ...good, securityContext: { runAsUser: 0 } }, /user 0 is root/],
  'says for one container that it may be root': [
    { ...main({ securityContext: { runAsNonRoot: false } }), securityContext: { runAsNonRoot: true } },
    /runAsNonRoot/,
  ],
  'hides it in an init container': [
    { ...good, initContainers: [{ name: 'first', image: 'quay.io/evil/app:1' }] },
    /images may come from|limits/,
  ],
};

const programs = kubernetesPrograms();
if (programs === null)
  console.log('there is no API server in the cache, npm start makes one; not proven: what the policies for workloads refuse');

(programs === null ? describe.skip : describe)('the policies for workloads', () => {
  const folder = mkdtempSync(join(tmpdir(), 'flotilla-policies-'));
  const server = new ApiServer(folder);
  const policies = component('kyverno-policies').resources!(contextOf('agent'));

  /** What the API server says to a pod; nothing is kept. */
  const answer = (namespace: string, spec: Json, labels: Json = {}): string => {
    const file = join(folder, 'pod.json');
    writeFileSync(file, JSON.stringify({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'pod', namespace, labels }, spec }));
    try {
      return server.kubectl('create', '--dry-run=server', '-f', file);
    } catch (error) {
      return `refused: ${(error as Json).stderr}`;
    }
  };
  const lay = (objects: readonly Json[]): void => {
    const file = join(folder, 'objects.json');
    writeFileSync(file, JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects }));
    server.kubectl('apply', '-f', file);
  };
  const until = async (works: () => boolean): Promise<void> => {
    for (let tries = 0; !works(); tries++) {
      if (tries > 120) throw new Error('the policies never came into force');
      await new Promise((done) => setTimeout(done, 500));
    }
  };

  beforeAll(async () => {
    await server.start();
    server.account('team', 'default');
    server.account('platform', 'default');
    server.kubectl('label', 'namespace', 'platform', 'flotilla.dev/platform=true');
    lay(nativePolicies(policies));
    // One after the other they are in force some time after they are there.
    await until(() => Object.values(refused).every(([spec]) => answer('team', spec).startsWith('refused')));
  });
  afterAll(async () => {
    await server.stop();
    rmSync(folder, { recursive: true });
  });

  test.each(Object.entries(accepted))('let a pod in that %s', (_, spec) => expect(answer('team', spec)).toContain('created'));
  test.each(Object.entries(refused))('refuse a pod that %s', (_, [spec, words]) => expect(answer('team', spec)).toMatch(words));
  test('leave the namespaces of the platform alone', () => {
    expect(answer('platform', { containers: [{ name: 'main', image: 'quay.io/x/y:1', securityContext: { privileged: true } }] })).toContain(
      'created',
    );
  });

  test('report, and do not refuse, who does not say its name', async () => {
    const labels = policies.filter(({ spec }: Json) => spec.validationActions[0] !== 'Deny') as Json[];
    expect(labels.map(({ metadata }) => metadata.name)).toEqual(['require-labels']);
    expect(answer('team', good)).toContain('created');
    // Bound to refuse, so that one sees what it finds.
    const bound = (action: string) => nativePolicies(labels.map((one) => ({ ...one, spec: { ...one.spec, validationActions: [action] } })));
    lay(bound('Deny'));
    await until(() => answer('team', good).startsWith('refused'));
    expect(answer('team', good)).toMatch(/label the pod with/);
    for (const key of ['app', 'app.kubernetes.io/name']) expect(answer('team', good, { [key]: 'shop' })).toContain('created');
    lay(bound('Audit'));
    await until(() => answer('team', good).includes('created'));
  });

  test('are red once one of them lets everything in', async () => {
    const weakened = structuredClone(policies) as Json[];
    for (const { spec } of weakened) for (const validation of spec.validations) validation.expression = `true || ${validation.expression}`;
    lay(nativePolicies(weakened));
    const letIn = ['has no limits', 'names no registry', 'is privileged', 'may be root'];
    await until(() => letIn.every((name) => answer('team', refused[name]![0]).includes('created')));
  });
});
