import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ResolvedCluster } from '../../model/resolved-fleet';
import { diagnose } from '../../runner/cluster/diagnose';
import type { Deployment } from '../../runner/deployment/deployment';
import { clearPendingReleases, lostNamespaces } from '../../runner/terraform/pending-releases';

/** A kubectl that answers `get <kind>` from a file of that name, and writes down every call. */
const stub =
  '#!/bin/sh\necho "$*" >>"$CALLS"\nfor word; do [ ! -f "$ANSWERS/$word" ] || exec cat "$ANSWERS/$word"; done\ncase "$*" in *delete*) exit 0 ;; esac\nexit 1\n';

const work = mkdtempSync(join(tmpdir(), 'flotilla-answers-'));
const answers = join(work, 'answers');
const calls = join(work, 'calls');
const cluster = {
  name: 'hub',
  kubeconfig: 'kubeconfig',
  nodes: [{ name: 'hub-cp-1', role: 'control-plane', address: '10.77.0.11' }],
  api: { port: 6443 },
  components: [{ id: 'demo', namespace: { name: 'demo' } }],
} as unknown as ResolvedCluster;
const deployment = {
  model: { uid: 'abcdef', provider: { addresses: 'assigned' } },
  folder: work,
  environment: { ...process.env, PATH: `${work}:${process.env.PATH}`, ANSWERS: answers, CALLS: calls },
  kubeconfig: () => join(work, 'kubeconfig'),
  stateFile: (stack: string) => join(work, `${stack}.tfstate`),
} as unknown as Deployment;
const answer = (kind: string, items: readonly object[]): void => writeFileSync(join(answers, kind), JSON.stringify({ items }));

beforeAll(() => {
  mkdirSync(answers);
  for (const file of ['kubeconfig', 'calls']) writeFileSync(join(work, file), '');
  writeFileSync(join(work, 'kubectl'), stub);
  chmodSync(join(work, 'kubectl'), 0o755);
});
afterAll(() => rmSync(work, { recursive: true, force: true }));

test('a failed release is explained by what a person would look up next', async () => {
  const waiting = {
    name: 'page',
    image: 'registry.example/page:1',
    ready: false,
    state: { waiting: { reason: 'ImagePullBackOff', message: 'not found' } },
  };
  answer('pods', [
    { metadata: { name: 'page-1', namespace: 'demo' }, status: { phase: 'Pending', containerStatuses: [waiting] } },
    { metadata: { name: 'page-2', namespace: 'demo' }, status: { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] } },
  ]);
  answer('persistentvolumeclaims', [
    { metadata: { name: 'data', namespace: 'demo' }, spec: { storageClassName: 'local-path' }, status: { phase: 'Pending' } },
    { metadata: { name: 'old', namespace: 'demo' }, spec: {}, status: { phase: 'Bound' } },
  ]);
  answer('events', [
    {
      type: 'Warning',
      reason: 'Failed',
      message: 'no disk',
      lastTimestamp: null,
      involvedObject: { kind: 'Pod', name: 'page-1', namespace: 'demo' },
    },
  ]);
  expect(await diagnose(deployment, cluster)).toEqual([
    'pod demo/page-1 is not ready: page: ImagePullBackOff (image registry.example/page:1), not found',
    'claim demo/data is Pending, storage class local-path',
    'event Pod demo/page-1: Failed: no disk',
  ]);
});

test('an API that does not answer is said so, with what to do', async () => {
  rmSync(join(answers, 'pods'));
  expect(await diagnose(deployment, cluster)).toEqual([expect.stringContaining('flotilla boot')]);
});

test('pending records of our releases are deleted, those of others stay', async () => {
  const record = (release: string) => ({
    metadata: { name: `sh.helm.release.v1.${release}.v2`, namespace: 'demo', labels: { name: release, status: 'pending-upgrade' } },
  });
  answer('secrets', [record('demo'), record('somebody-elses')]);
  writeFileSync(calls, '');
  expect(await clearPendingReleases(deployment, cluster)).toEqual([expect.stringContaining('cleared pending-upgrade of release demo')]);
  const deletions = readFileSync(calls, 'utf8')
    .split('\n')
    .filter((line) => line.includes(' delete '));
  expect(deletions).toEqual([expect.stringContaining('delete secret sh.helm.release.v1.demo.v2 --namespace=demo')]);
});

test('namespaces of ours that the state does not know are taken over, known and strange ones are not', async () => {
  answer('namespaces', [{ metadata: { name: 'demo' } }, { metadata: { name: 'strange' } }]);
  expect(await lostNamespaces(deployment, cluster, 'hub-platform')).toEqual([{ to: 'kubernetes_namespace_v1.namespace-demo', id: 'demo' }]);
  const known = { resources: [{ mode: 'managed', type: 'kubernetes_namespace_v1', name: 'namespace-demo', instances: [{}] }] };
  writeFileSync(deployment.stateFile('hub-platform'), JSON.stringify(known));
  expect(await lostNamespaces(deployment, cluster, 'hub-platform')).toEqual([]);
});

describe('limits and quotas in a namespace of ours that the state does not know', () => {
  const limits = { default: { cpu: '100m' } };
  const limited = (namespace: object) => ({ ...cluster, components: [{ id: 'demo', namespace: { name: 'demo', ...namespace } }] }) as never;
  const object = (kind: string, namespace: string) => ({ kind, metadata: { name: 'flotilla', namespace } });
  const state = (...types: string[]): void => {
    const resources = types.map((type) => ({ mode: 'managed', type, name: `${names[type]}-demo`, instances: [{}] }));
    writeFileSync(deployment.stateFile('hub-platform'), JSON.stringify({ resources }));
  };
  const names: Record<string, string> = {
    kubernetes_namespace_v1: 'namespace',
    kubernetes_limit_range_v1: 'limits',
    kubernetes_resource_quota_v1: 'quota',
  };

  beforeEach(() => {
    answer('namespaces', [{ metadata: { name: 'demo' } }]);
    answer(
      'limitranges,resourcequotas',
      ['demo', 'strange'].flatMap((name) => [object('LimitRange', name), object('ResourceQuota', name)]),
    );
    state('kubernetes_namespace_v1');
  });

  test('are taken over, each by itself, also where the namespace is known', async () => {
    const lost = [
      { to: 'kubernetes_limit_range_v1.limits-demo', id: 'demo/flotilla' },
      { to: 'kubernetes_resource_quota_v1.quota-demo', id: 'demo/flotilla' },
    ];
    const both = limited({ limits, quota: { pods: '9' } });
    expect(await lostNamespaces(deployment, both, 'hub-platform')).toEqual(lost);
    state('kubernetes_namespace_v1', 'kubernetes_limit_range_v1');
    expect(await lostNamespaces(deployment, both, 'hub-platform')).toEqual(lost.slice(1));
    state();
    expect(await lostNamespaces(deployment, both, 'hub-platform')).toEqual([
      { to: 'kubernetes_namespace_v1.namespace-demo', id: 'demo' },
      ...lost,
    ]);
  });

  test('are left where nobody wants them, where they are not there, and where the namespace is not ours', async () => {
    expect(await lostNamespaces(deployment, limited({}), 'hub-platform')).toEqual([]);
    answer('limitranges,resourcequotas', []);
    expect(await lostNamespaces(deployment, limited({ limits }), 'hub-platform')).toEqual([]);
    answer('limitranges,resourcequotas', [object('LimitRange', 'demo')]);
    answer('namespaces', []);
    expect(await lostNamespaces(deployment, limited({ limits }), 'hub-platform')).toEqual([]);
  });
});
