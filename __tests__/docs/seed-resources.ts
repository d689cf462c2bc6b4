/** A line of a seed's table of requests and limits, in the seed's own numbers, and where the same stands in the resolved fleet. */
export interface SeedResources {
  readonly seed: string;
  readonly fleet: 'kind' | 'trio';
  readonly name: string;
  /** `<cluster> <component>` and the path of its resources below that. */
  readonly of: string;
  readonly path: string;
  readonly requests: { readonly cpu: string; readonly memory: string };
  readonly limits: { readonly cpu: string; readonly memory: string };
}

type Numbers = readonly [cpu: string, memory: string, cpuLimit: string, memoryLimit: string];

const line =
  (seed: string, fleet: SeedResources['fleet']) =>
  (name: string, of: string, path: string, [cpu, memory, cpuLimit, memoryLimit]: Numbers): SeedResources => {
    return { seed, fleet, name, of, path, requests: { cpu, memory }, limits: { cpu: cpuLimit, memory: memoryLimit } };
  };

const kind = line('002 resources', 'kind');
const trio = line('003 16.3', 'trio');
const prometheus = 'values/prometheus/prometheusSpec/resources';

/** Without the six programs of the shop, which is not here yet. */
export const seedResources: readonly SeedResources[] = [
  kind('Prometheus', 'kind kube-prometheus-stack', prometheus, ['500m', '1Gi', '2000m', '2Gi']),
  kind('Grafana', 'kind grafana', 'values/resources', ['100m', '128Mi', '500m', '256Mi']),
  kind('Loki', 'kind loki', 'values/singleBinary/resources', ['250m', '256Mi', '1000m', '512Mi']),
  kind('Jaeger', 'kind tempo', 'values/tempo/resources', ['200m', '256Mi', '1000m', '512Mi']),
  kind('Kiali', 'kind kiali', 'values/deployment/resources', ['100m', '128Mi', '500m', '256Mi']),
  trio('Vault', 'mgmt vault', 'values/server/resources', ['250m', '256Mi', '1000m', '1Gi']),
  trio('Keycloak', 'mgmt keycloak', 'values/resources', ['500m', '512Mi', '2000m', '2Gi']),
  trio('Prometheus', 'mgmt kube-prometheus-stack', prometheus, ['250m', '512Mi', '1000m', '2Gi']),
  trio('Grafana', 'mgmt grafana', 'values/resources', ['100m', '128Mi', '500m', '512Mi']),
  trio('Loki', 'mgmt loki', 'values/singleBinary/resources', ['250m', '256Mi', '1000m', '1Gi']),
  trio('Falco', 'app1 falco', 'values/resources', ['100m', '256Mi', '500m', '512Mi']),
  trio('Kyverno', 'app1 kyverno', 'values/admissionController/container/resources', ['100m', '128Mi', '500m', '384Mi']),
  trio('Trivy', 'app1 trivy-operator', 'values/resources', ['100m', '128Mi', '500m', '512Mi']),
];
