import { type ComponentContext, defineComponent } from '../define';
import { prometheusOperatorCrds } from '../observability/prometheus-operator-crds';

const namespace = 'velero';
const perNode = { cpuMillicores: 10, memoryMiB: 48 };
const requests = { cpuMillicores: 20, memoryMiB: 96, perNode };
/** What Kubernetes makes itself; and where backups lie, or each would hold all before it. */
const excludedNamespaces = ['kube-system', 'kube-public', 'kube-node-lease', namespace, 'object-store'];
/**
 * Beside those, where backups leave the cluster: Argo CD has keys of other clusters and repositories. On the hub they stay within it, in a bucket that only the hub
 * reads, so there Argo CD is backed up.
 */
const staysHere = ['argocd'];

export const velero = defineComponent({
  id: 'velero',
  summary: "Backups of objects and volumes into the hub's object store: all of it daily, what matters most hourly",
  roles: ['hub', 'agent'],
  // The node agents read the volumes of all pods below /var/lib/kubelet.
  namespace: { name: namespace, podSecurity: 'privileged' },
  insteadOf: { what: 'restic', because: 'Velero takes no new backups with it since 1.17; kopia does the same' },
  chart: { repository: 'https://vmware-tanzu.github.io/helm-charts', name: 'velero', version: '12.1.0' },
  requires: ['cni'],
  after: [prometheusOperatorCrds],
  reaches: ['object-store'],
  crds: [
    'backuprepositories.velero.io',
    'backups.velero.io',
    'backupstoragelocations.velero.io',
    'datadownloads.velero.io',
    'datauploads.velero.io',
    'deletebackuprequests.velero.io',
    'downloadrequests.velero.io',
    'podvolumebackups.velero.io',
    'podvolumerestores.velero.io',
    'restores.velero.io',
    'schedules.velero.io',
    'serverstatusrequests.velero.io',
    'volumesnapshotlocations.velero.io',
  ],
  requests: { hub: requests, agent: requests, standalone: requests },
  secrets: [
    {
      name: 'velero-s3',
      // Of this cluster and no other: who holds it reads and deletes the backups of this cluster.
      keys: {
        cloud: '[default]\naws_access_key_id = velero-{cluster}\naws_secret_access_key = {object-store-velero-{cluster}-key}\n',
      },
    },
  ],
  timeoutSeconds: 600,
  values: backups,
  checks: [
    {
      description: 'backups can be made',
      command: ['kubectl', '-n', namespace, 'rollout', 'status', 'deployment/velero', '--timeout=5s'],
      hint: 'kubectl -n velero logs deployment/velero',
    },
    {
      description: 'the object store takes backups',
      command: [
        'kubectl',
        '-n',
        namespace,
        'wait',
        'backupstoragelocation/default',
        '--for=jsonpath={.status.phase}=Available',
        '--timeout=5s',
      ],
      hint: 'on an agent this waits for the hub, backups are made up when it is back: kubectl -n velero describe backupstoragelocation default',
    },
  ],
});

function backups({ cluster, has }: ComponentContext) {
  const leftOut = [...excludedNamespaces, ...(cluster.role === 'agent' ? staysHere : [])];
  const location = {
    name: 'default',
    provider: 'aws',
    bucket: `velero-${cluster.name}`,
    default: true,
    credential: { name: 'velero-s3', key: 'cloud' },
    // Text, also where it looks like something else. An empty checksum: the default is one that only AWS understands.
    config: { region: 'us-east-1', s3ForcePathStyle: 'true', s3Url: 'http://s3-fleet.object-store.svc:8333', checksumAlgorithm: '' },
  };
  return {
    configuration: { backupStorageLocation: [location] },
    configMaps: { [volumePolicy]: { data: { 'policy.yaml': JSON.stringify({ version: 'v1', volumePolicies: skippedVolumes }) } } },
    metrics: { serviceMonitor: { enabled: has(prometheusOperatorCrds) } },
    schedules: {
      'daily-full-backup': daily(leftOut),
      'hourly-critical-backup': cluster.role === 'agent' ? hourlyObjects(leftOut) : hourlyPlatform,
    },
  };
}

const volumePolicy = 'volume-policy';

/**
 * Programs that store metrics, logs and traces, by the label of their claims. Their volumes are caches and write-ahead logs of data that the object store has
 * already. A daily copy, kept for 30 days, would fill the object store's disk within weeks.
 */
const telemetry = ['prometheus', 'prometheus-agent', 'thanos', 'loki', 'tempo'];

/** Only of the class that is deleted with its claim: a store on local-path-retain is meant to be kept. */
const skippedVolumes = telemetry.map((name) => ({
  conditions: { storageClass: ['local-path'], pvcLabels: { 'app.kubernetes.io/name': name } },
  action: { type: 'skip' },
}));

const schedule = (at: string, template: Readonly<Record<string, unknown>>) => ({
  disabled: false,
  schedule: at,
  useOwnerReferencesInBackup: false,
  template: { storageLocation: 'default', ...template },
});

const daily = (leftOut: readonly string[]) =>
  schedule('0 2 * * *', {
    ttl: '720h0m0s',
    includedNamespaces: ['*'],
    excludedNamespaces: leftOut,
    excludedResources: ['events', 'events.events.k8s.io'],
    includeClusterResources: true,
    defaultVolumesToFsBackup: true,
    // The chart prefixes the ConfigMap's name with the release's.
    resourcePolicy: { kind: 'configmap', name: `velero-${volumePolicy}` },
  });

/**
 * What the platform cannot make again. With those volumes that their pods name, in the annotation backup.velero.io/backup-volumes: Vault's and Keycloak's. No backup
 * has those of monitoring: what is to be kept of them lies in the object store within hours.
 */
const hourlyPlatform = schedule('0 * * * *', {
  ttl: '168h0m0s',
  includedNamespaces: ['vault', 'keycloak', 'monitoring'],
  defaultVolumesToFsBackup: false,
});

/** An agent has no platform: every object of its workloads, without volumes. */
const hourlyObjects = (leftOut: readonly string[]) =>
  schedule('0 * * * *', {
    ttl: '168h0m0s',
    includedNamespaces: ['*'],
    excludedNamespaces: leftOut,
    excludedResources: ['events', 'events.events.k8s.io'],
    defaultVolumesToFsBackup: false,
  });
