import { at } from '../../model/contracts/objects';
import type { Loose, Thing } from './object';

/** Workloads that no chart renders, because an operator makes them of an object that one does. */
interface MadeWorkload {
  /** Kind and group of what they are made of. */
  readonly from: string;
  readonly kind: 'StatefulSet' | 'Deployment' | 'DaemonSet';
  /** `{name}` is that of the object. */
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly ports: Readonly<Record<string, number>>;
  readonly because: string;
}

const prometheusOperator = 'the Prometheus operator runs it, with the name and the labels that it gives to all of them';

export const madeWorkloads: readonly MadeWorkload[] = [
  {
    from: 'Prometheus.monitoring.coreos.com',
    kind: 'StatefulSet',
    name: 'prometheus-{name}',
    labels: { 'app.kubernetes.io/name': 'prometheus', prometheus: '{name}' },
    ports: { 'http-web': 9090 },
    because: prometheusOperator,
  },
  {
    from: 'PrometheusAgent.monitoring.coreos.com',
    kind: 'StatefulSet',
    name: 'prom-agent-{name}',
    labels: { 'app.kubernetes.io/name': 'prometheus-agent' },
    ports: { 'http-web': 9090 },
    because: prometheusOperator,
  },
  {
    from: 'Alertmanager.monitoring.coreos.com',
    kind: 'StatefulSet',
    name: 'alertmanager-{name}',
    labels: { 'app.kubernetes.io/name': 'alertmanager', alertmanager: '{name}' },
    ports: { 'http-web': 9093 },
    because: prometheusOperator,
  },
];

/** Definitions that no chart brings, because a program makes them when it starts. */
export const madeDefinitions: readonly {
  /** A label of the program's pods. */
  readonly pods: readonly [key: string, value: string];
  /** API group of the definitions. */
  readonly group: string;
  readonly because: string;
}[] = [
  {
    pods: ['io.cilium/app', 'operator'],
    group: 'cilium.io',
    because: 'the operator makes its definitions and keeps them at its own version',
  },
];

/** Secrets that no chart renders, because a program makes them when it starts. */
export const madeSecrets: readonly { readonly name: string; readonly because: string }[] = [
  { name: 'argocd-redis', because: 'a hook of the chart makes a password before anything starts' },
  { name: 'kedaorg-certs', because: 'the operator makes the certificates of its webhook and of its API' },
  { name: 'metallb-memberlist', because: 'the controller makes the key by which the speakers know each other' },
];

/** What operators make of these things, as objects. */
export function operatorsMake(things: readonly Thing[]): readonly Loose[] {
  return things.flatMap(({ kind, group, namespace, name, object }) =>
    madeWorkloads
      .filter(({ from }) => from === `${kind}.${group}`)
      .map((made) => {
        const own = at(object, 'spec', 'podMetadata', 'labels') as Loose | undefined;
        const named = Object.fromEntries(Object.entries(made.labels).map(([key, value]) => [key, value.replace('{name}', name)]));
        const containers = [
          {
            name: made.labels['app.kubernetes.io/name'],
            ports: Object.entries(made.ports).map(([port, containerPort]) => ({ name: port, containerPort })),
            resources: at(object, 'spec', 'resources') ?? {},
            image: at(object, 'spec', 'image'),
          },
        ];
        const claim = at(object, 'spec', 'storage', 'volumeClaimTemplate') as Loose | undefined;
        const claims = claim === undefined ? [] : [{ ...claim, metadata: { name: `${made.labels['app.kubernetes.io/name']}-${name}-db` } }];
        const template = {
          metadata: { labels: { ...own, ...named } },
          spec: { ...secretsOf(object), tolerations: at(object, 'spec', 'tolerations') ?? [], containers },
        };
        return {
          apiVersion: 'apps/v1',
          kind: made.kind,
          metadata: { name: made.name.replace('{name}', name), namespace },
          spec: { template, replicas: at(object, 'spec', 'replicas') ?? 1, volumeClaimTemplates: claims },
        };
      }),
  );
}

/** The operator mounts what its object names: kept in the pod, so that whoever looks for a Secret finds it. */
const secretsOf = (object: Loose): Loose => ({
  volumes: ((at(object, 'spec', 'secrets') ?? []) as readonly string[]).map((secretName) => ({ name: secretName, secret: { secretName } })),
});
