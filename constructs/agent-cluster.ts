import type { ITerraformDependable } from 'cdktf';
import { Construct } from 'constructs';
import type { Component } from '../components/define';
import { kubePrometheusStack } from '../components/kube-prometheus-stack';
import { loki } from '../components/loki';
import { otelCollector } from '../components/otel-collector';
import { tempo } from '../components/tempo';
import { thanos } from '../components/thanos';
import { type Buffer, buffersOf } from '../model/buffers';
import { brokenContracts } from '../model/contracts';
import { serviceRelease, servingOf } from '../model/fleet-services';
import { networkPolicies, policyRelease } from '../model/network-policies';
import { requestsOf } from '../model/requests';
import { bufferDisk } from '../model/rules/buffer-disk';
import { fixedValues } from '../model/rules/fixed-values';
import { forbiddenRole } from '../model/rules/forbidden-role';
import type { RuleFacts } from '../model/rules/rule';
import { type Installation, type InstallationProps, install } from './installation';

/** `cluster.role` is agent, and one of `others` is its hub. */
export interface AgentClusterProps extends InstallationProps {
  /** What it runs beside the collectors; the contracts hold for these too. @default - nothing */
  readonly components?: readonly Component[];
  /** Whether namespaces are closed but for what their components need. @default true */
  readonly closed?: boolean;
}

/**
 * A cluster that runs workloads and lives without its hub: light collectors that keep what they cannot send, the ways to the hub's services, and the contracts
 * of the fleet, each of which is looked at before anything is made.
 */
export class AgentCluster extends Construct {
  /** What it keeps while the hub is away, in bytes and hours. */
  public readonly buffers: readonly Buffer[];
  /** Collectors run; what they collect arrives when there is a hub. */
  public readonly collecting: readonly ITerraformDependable[];
  /** Names of the hub's services, as the cluster calls them. */
  public readonly services: readonly string[];
  public readonly set: Installation['set'];

  /** @throws Error with every contract that would be broken */
  constructor(scope: Construct, id: string, props: AgentClusterProps) {
    super(scope, id);
    const { cluster, others = [], components: more = [], closed = true, values = {} } = props;
    if (cluster.role !== 'agent' || !others.some(({ role }) => role === 'hub'))
      throw new Error(`${this.node.path}: "${cluster.name}" has to be of role agent, and a hub among the other clusters`);
    const wanted = [kubePrometheusStack, otelCollector, ...more];
    const spec = {
      clusters: [{ ...cluster, components: { add: wanted.map((component) => component.id), remove: [], values, secrets: {} } }],
    };
    // Rules read no more than this of a fleet.
    const facts = { spec, catalog: wanted } as unknown as RuleFacts;
    this.assert([bufferDisk, forbiddenRole, fixedValues].flatMap((rule) => rule.check(facts)));
    this.buffers = buffersOf(wanted, cluster.role, cluster.nodes);

    const made = install(this, props, wanted);
    const nodes = cluster.nodes.map((node) => ({ ...node, machine: node.name }));
    const resolved = {
      ...cluster,
      nodes,
      hostPorts: [],
      skipPhases: [],
      kubeconfig: props.kubeconfig,
      components: made.components,
      requests: requestsOf(wanted, cluster.role, nodes),
      buffers: this.buffers,
    };
    this.assert(brokenContracts({ clusters: [resolved], stacks: [] }));

    const serving = servingOf([thanos, loki, tempo]);
    for (const one of serving) made.set.add(serviceRelease(one, { by: 'mesh' }));
    const policies = closed ? networkPolicies({ cluster, components: wanted, serving, road: { by: 'mesh' } }) : [];
    if (policies.length > 0) made.set.add(policyRelease(policies, made.components));
    this.set = made.set;
    this.services = serving.flatMap(({ component, services }) =>
      services.map(({ name, port }) => `${name}.${component.namespace.name}.svc:${port}`),
    );
    this.collecting = [made.end(kubePrometheusStack), made.end(otelCollector)];
  }

  private assert(broken: readonly { readonly rule: string; readonly remedy: string }[]): void {
    if (broken.length > 0) throw new Error(`${this.node.path}: ${broken.map(({ rule, remedy }) => `${rule}; ${remedy}`).join('\n')}`);
  }
}
