/** A program that somebody searched for reports to its makers, and in which nothing was found that it sends unless it is configured to. */
export interface SearchedProgram {
  readonly program: string;
  /** What was searched: a release of the source, a commit of the source, or only the values of the chart. */
  readonly searched: string;
  /** What the search found that is off by default, or what it left out. */
  readonly note?: string;
}

/**
 * Searched on 2026-12-01 with `git grep`, in the program's own code without tests, scripts, documentation and vendored libraries, for two things: names of switches and
 * services (telemetry, phone home, usage report, update check, Sentry, PostHog, Segment, Scarf, Google Analytics and the like), and web addresses in string literals. The
 * same search finds the reports of SeaweedFS, Tempo and Trivy. It is not a proof: it does not see an address that the code composes, or one in a library.
 */
export const searchedPrograms: readonly SearchedProgram[] = [
  {
    program: 'Argo CD',
    searched: 'source v3.4.4',
    note: 'the UI loads Google Analytics only where ga.trackingid is set; Dex and Redis not searched',
  },
  { program: 'cert-manager controller', searched: 'source v1.21.1' },
  {
    program: 'Cilium',
    searched: 'Go source v1.19.7, web addresses only in daemon, operator, pkg, clustermesh-apiserver and hubble-relay',
    note: 'the images of Envoy and of the Hubble UI not searched',
  },
  { program: 'External Secrets', searched: 'source v2.9.0' },
  {
    program: 'Falco',
    searched: 'C++ source 0.44.1, web addresses only in userspace; falcoctl 71a05e3',
    note: 'falcoctl downloads rules where the values let it',
  },
  {
    program: 'Goldilocks',
    searched: 'source v4.15.0; the chart installs v4.16.1',
    note: 'its page sends an email address to insights.fairwinds.com when a person submits the form',
  },
  {
    program: 'Istio',
    searched: 'source 1.30.3; the charts install 1.30.4',
    note: 'Envoy, which the proxy image contains, not searched',
  },
  { program: 'K8sGPT', searched: 'source 05247a8 (after v0.4.36); operator v0.2.27' },
  { program: 'KEDA', searched: 'source v2.20.2' },
  { program: 'Kiali', searched: 'source d733a09 of 2026-08-20, with the UI' },
  {
    program: 'Prometheus',
    searched: 'source v3.14.0; operator v0.93.0, Alertmanager v0.34.0, kube-state-metrics v2.19.1, node-exporter v1.12.1',
  },
  { program: 'Kyverno', searched: 'source v1.19.0' },
  { program: 'local-path-provisioner', searched: 'source v0.0.37' },
  { program: 'MetalLB', searched: 'source v0.16.1', note: 'FRR not searched' },
  { program: 'Kubernetes Metrics Server', searched: 'source 5ed5d3a of 2026-08-04' },
  { program: 'Thanos', searched: 'source v0.42.4' },
  {
    program: 'Vault',
    searched: "the chart's values",
    note: 'source not searched; its documentation says that reports of licenses are of the Enterprise edition, and that telemetry of the UI is off by default',
  },
  { program: 'Velero', searched: 'source v1.18.1', note: 'the plugin for object storage not searched' },
  { program: 'VPA', searched: 'source 55c37cd of 2026-08-22' },
];

/**
 * Programs that nobody searched. Of the OpenTelemetry Collector the core was searched, and nothing was found; the chart installs a distribution with components of the
 * contrib repository, which was not searched.
 */
export const unsearchedPrograms: readonly string[] = ['Keycloak', 'OpenTelemetry Collector'];
