import { type ComponentContext, clientsOf, defineComponent } from '../define';

const namespace = 'object-store';
/** Bucket = user: each may only read and write its own. */
const users = ['thanos', 'loki', 'tempo'] as const;
/** And one for the backups of each cluster: with a key that all share, whoever breaks into one cluster could read and delete the backups of all. */
const backupUser = 'velero-{cluster}';

const user = (name: string, key: string, actions: readonly string[]) =>
  JSON.stringify({ name, credentials: [{ accessKey: name, secretKey: `{object-store-${key}-key}` }], actions });
const mine = (name: string, key: string) =>
  user(
    name,
    key,
    ['Read', 'Write', 'List', 'Tagging'].map((action) => `${action}:${name}`),
  );
/** Every store has keys of its own: that of a cluster that stands alone must not open the hub's. */
const ownKey = (name: string) => `${name}-{cluster}`;
const identities = [
  `{"identities":[${[user('admin', ownKey('admin'), ['Admin', 'Read', 'Write', 'List', 'Tagging']), ...users.map((name) => mine(name, ownKey(name)))].join()}`,
  { perClient: `,${mine(backupUser, backupUser)}` },
  ']}',
];

export const seaweedfs = defineComponent({
  id: 'seaweedfs',
  summary: `Object store with the S3 protocol; buckets ${users.join(', ')} and one for the backups of each cluster, each with a user of its own`,
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
  secrets: [{ name: 'seaweedfs-users', keys: { seaweedfs_s3_config: identities } }],
  timeoutSeconds: 600,
  values: buckets,
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
        `set -- ${users.join(' ')}; for c in {clients}; do set -- "$@" velero-$c; done; for b; do wget -q -O /dev/null http://localhost:8888/buckets/$b/ || { echo "no bucket $b"; exit 1; }; done`,
      ],
      hint: 'make the missing one: echo "s3.bucket.create -name <bucket>" | kubectl -n object-store exec -i deployment/seaweedfs-all-in-one -- weed shell',
    },
  ],
});

function buckets(context: ComponentContext) {
  const all = [...users, ...clientsOf(context).map(({ name }) => `velero-${name}`)];
  return {
    allInOne: {
      // It reads its users when it starts, and only then: a cluster more, and the pod is replaced.
      podAnnotations: { 'flotilla.internal/users': all.join() },
      s3: { createBuckets: all.map((name) => ({ name })) },
    },
  };
}
