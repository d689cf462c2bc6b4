/** One of the twelve phases of `install.sh` of seeds 000 and 001, each after the one before. */
export interface SeedPhase {
  readonly phase: number;
  readonly said: string;
  /** Names of steps of a cluster's stack, without the node's. */
  readonly steps?: readonly string[];
  /** Cluster → our ids. */
  readonly components?: Readonly<Record<string, readonly string[]>>;
  /** Phases that it comes after in our order too. The one before that is not among them is in `otherwise`. */
  readonly after: readonly number[];
}

export const seedPhases: readonly SeedPhase[] = [
  { phase: 1, said: 'create the machines', steps: ['machine'], after: [] },
  { phase: 2, said: 'prepare the nodes', steps: ['prepare'], after: [1] },
  { phase: 3, said: 'container runtime', steps: ['prepare'], after: [] },
  { phase: 4, said: 'kubeadm, kubelet, kubectl', steps: ['prepare'], after: [] },
  { phase: 5, said: 'kubeadm init and join', steps: ['init', 'join', 'kubeconfig'], after: [4] },
  {
    phase: 6,
    said: 'Cilium and Hubble',
    components: { platform: ['cilium'], dev: ['cilium'], staging: ['cilium'], prod: ['cilium'] },
    after: [5],
  },
  { phase: 7, said: 'Prometheus, Grafana, Loki', components: { platform: ['kube-prometheus-stack', 'grafana', 'loki'] }, after: [6] },
  { phase: 8, said: 'Jenkins, Argo CD', components: { platform: ['jenkins', 'argo-cd'] }, after: [6] },
  { phase: 9, said: 'Alertmanager: rules and webhook', components: { platform: ['alert-rules', 'webhook-logger'] }, after: [] },
  { phase: 10, said: 'network policies', components: { dev: ['demo-policies'] }, after: [6] },
  { phase: 11, said: 'HPA, metrics-server, PDB', components: { dev: ['metrics-server', 'demo-scaling'] }, after: [6] },
  { phase: 12, said: 'Istio', components: { dev: ['istiod', 'istio-cni', 'istio-gateway', 'istio-config', 'demo-routes'] }, after: [6] },
];

/** `<phase> <- <phase before>` that is no edge of ours, and why. */
export const otherwise: Readonly<Record<string, string>> = {
  '3 <- 2': 'one script prepares a node, in this order',
  '4 <- 3': 'one script prepares a node, in this order',
  '8 <- 7': 'CI/CD needs nothing of the monitoring: both start as soon as there is a pod network and storage',
  '9 <- 8': 'alerts need nothing of CI/CD; rules need the definitions of their objects, and Alertmanager is part of phase 7',
  '10 <- 9': 'they are of another cluster: platform and dev are raised side by side',
  '11 <- 10': 'scaling needs the applications and the metrics, not the policies',
  '12 <- 11': 'Istio needs the pod network; the applications come after it, so that they get their sidecars',
};
