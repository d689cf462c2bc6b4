import { defineComponent } from './define';

const namespace = 'object-store';
/** Bucket = user: each may only read and write its own. */
const users = ['thanos', 'loki', 'tempo', 'velero'] as const;

export const seaweedfs = defineComponent({
  id: 'seaweedfs',
  summary: `Object store with the S3 protocol; buckets ${users.join(', ')}, each with a user of its own`,
  roles: ['hub'],
  namespace: { name: namespace, podSecurity: 'baseline' },
  insteadOf: { what: 'MinIO', because: 'its repository is archived and its images are deleted since 2026' },
  chart: { repository: 'https://seaweedfs.github.io/seaweedfs/helm', name: 'seaweedfs', version: '4.44.0' },
  provides: ['object-store'],
  requires: ['storage'],
  serves: [
    {
      name: 's3-fleet',
      port: 8333,
      selector: { 'app.kubernetes.io/name': 'seaweedfs', 'app.kubernetes.io/component': 'seaweedfs-all-in-one' },
    },
  ],
  requests: {
    hub: { cpuMillicores: 50, memoryMiB: 256, storageGiB: 8 },
    standalone: { cpuMillicores: 50, memoryMiB: 256, storageGiB: 8 },
  },
  secrets: [{ name: 'seaweedfs-users', keys: { seaweedfs_s3_config: JSON.stringify({ identities: identities() }) } }],
  timeoutSeconds: 600,
  values: () => ({ allInOne: { s3: { createBuckets: users.map((name) => ({ name })) } } }),
  ready: [{ kind: 'rollout', namespace, resource: 'deployment/seaweedfs-all-in-one' }],
  checks: [
    {
      description: 'the object store answers',
      command: ['kubectl', '-n', namespace, 'rollout', 'status', 'deployment/seaweedfs-all-in-one', '--timeout=5s'],
      hint: 'kubectl -n object-store logs deployment/seaweedfs-all-in-one',
    },
    {
      // The chart's own job that makes them may fail without a word.
      description: 'every bucket is there',
      command: [
        'kubectl',
        '-n',
        namespace,
        'exec',
        'deployment/seaweedfs-all-in-one',
        '--',
        'sh',
        '-c',
        `for b in ${users.join(' ')}; do wget -q -O /dev/null http://localhost:8888/buckets/$b/ || { echo "no bucket $b"; exit 1; }; done`,
      ],
      hint: 'make the missing one: echo "s3.bucket.create -name <bucket>" | kubectl -n object-store exec -i deployment/seaweedfs-all-in-one -- weed shell',
    },
  ],
});

function identities() {
  const user = (name: string, key: string, actions: readonly string[]) => ({
    name,
    credentials: [{ accessKey: name, secretKey: `{${key}}` }],
    actions,
  });
  return [
    user('admin', 'object-store-admin-key', ['Admin', 'Read', 'Write', 'List', 'Tagging']),
    ...users.map((name) =>
      user(
        name,
        `object-store-${name}-key`,
        ['Read', 'Write', 'List', 'Tagging'].map((action) => `${action}:${name}`),
      ),
    ),
  ];
}
