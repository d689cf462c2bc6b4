import type { Role } from '../../components/define';

/** A row of the table of seed 003, §10.2, with our ids: what is installed where, after what. */
export interface SeedRow {
  readonly row: string;
  readonly said: string;
  /** Of ours, what the row installs. */
  readonly ids: readonly string[];
  readonly roles: readonly Role[];
  /** Of ours, what the row comes after; `cluster` is kubeadm's work. */
  readonly after: readonly string[];
}

const all: readonly Role[] = ['hub', 'agent'];
const row = (number: string, said: string, ids: readonly string[], roles: readonly Role[], ...after: string[]): SeedRow => {
  return { row: number, said, ids, roles, after };
};

/** 1.1, kubeadm and pod security, is the stack that every other row's stack comes after. */
export const seedRows: readonly SeedRow[] = [
  row('1.1', 'kubeadm + PSA', [], all),
  row('1.2', 'Cilium + Hubble', ['cilium'], all, 'cluster'),
  row('1.3', 'Metrics Server', ['metrics-server'], all, 'cilium'),
  row('1.4', 'StorageClass', ['local-path'], all, 'cilium'),
  row('1.5', 'MetalLB', ['node-port'], all, 'cilium'),
  row('1.6', 'Gateway API', ['gateway'], all, 'node-port'),
  row('2.1', 'MinIO', ['seaweedfs'], ['hub'], 'local-path'),
  row('2.2', 'cert-manager', ['cert-manager'], ['hub'], 'seaweedfs'),
  row('2.3', 'Vault', ['vault'], ['hub'], 'cert-manager'),
  row('2.4', 'External Secrets', ['external-secrets'], all, 'vault'),
  row('3.1', 'Keycloak', ['keycloak'], ['hub'], 'vault'),
  row('4.1', 'Prometheus', ['kube-prometheus-stack'], all, 'local-path'),
  row('4.2', 'Thanos', ['thanos'], all, 'kube-prometheus-stack', 'seaweedfs'),
  row('4.3', 'Loki', ['loki'], ['hub'], 'local-path'),
  row('4.4', 'Promtail', ['otel-collector'], all, 'loki'),
  row('4.5', 'Tempo', ['tempo'], ['hub'], 'local-path'),
  row('4.6', 'Grafana', ['grafana'], ['hub'], 'kube-prometheus-stack', 'loki'),
  row('4.7', 'OTel Collector', ['otel-collector'], all, 'tempo'),
  row('5.1', 'VPA', ['vpa'], all, 'metrics-server'),
  row('5.2', 'Goldilocks', ['goldilocks'], all, 'vpa'),
  row('5.3', 'KEDA', ['keda'], ['agent'], 'metrics-server'),
  row('5.4', 'k8sgpt', ['k8sgpt'], ['hub']),
  row('5.5', 'Robusta', ['robusta'], ['hub'], 'kube-prometheus-stack'),
  row('6.1', 'Velero', ['velero'], all, 'seaweedfs'),
  row('6.2', 'Trivy Operator', ['trivy-operator'], all),
  row('6.3', 'Kyverno', ['kyverno', 'kyverno-policies'], ['agent']),
  row('6.4', 'Falco', ['falco'], all),
];

const contract = 'an agent waits for nothing of the hub (contract C1); it uses it when it is there';

/** Where we do otherwise, `<row> <role> <- <after>` or `<row> <role> <id>` for what is not there, and why. */
export const otherwise: Readonly<Record<string, string>> = {
  '2.4 agent <- vault': contract,
  '4.4 agent <- loki': contract,
  '4.7 agent <- tempo': contract,
  '6.1 agent <- seaweedfs': contract,
  '4.2 agent thanos': 'agents have no sidecar: they write to Thanos Receive on the hub',
  '4.2 agent <- kube-prometheus-stack': 'agents have no sidecar: they write to Thanos Receive on the hub',
  '4.2 agent <- seaweedfs': 'agents have no sidecar: they write to Thanos Receive on the hub',
  '4.2 hub <- kube-prometheus-stack':
    'the other way round: Prometheus writes to Thanos, which needs of it no more than the definitions of its objects',
};
