import type { ITerraformDependable } from 'cdktf';
import { Construct } from 'constructs';
import { kind } from '../machines/kind';
import type { HostPort } from '../model/host-ports';
import { kindFaults } from '../model/props/clusters';
import { clusterStepName } from '../model/terraform-names';
import { checkProps } from './check-props';
import { HostScript } from './host-script';

export interface KindNode {
  /** As kind names its containers: `<cluster>-control-plane`, `<cluster>-worker`, `<cluster>-worker2`, … */
  readonly name: string;
  readonly role: 'control-plane' | 'worker';
}

export interface KindClusterProps {
  /** Six hex digits: whose cluster this is. */
  readonly uid: string;
  /** The cluster's name, also to kind. */
  readonly cluster: string;
  readonly nodes: readonly KindNode[];
  /** An IPv4 CIDR, or a cdktf token. */
  readonly podCidr: string;
  /** An IPv4 CIDR, or a cdktf token. */
  readonly serviceCidr: string;
  /** Ports of the host that lead to the first control plane: to the same port of its, or to another. @default - none */
  readonly hostPorts?: readonly HostPort[];
  /** Whether something else brings the pod network; kind's own is off then, and nodes become Ready with that. @default false */
  readonly bringsOwnCni?: boolean;
  /** kubeadm phases that are left out, e.g. `addon/kube-proxy`. @default - none */
  readonly skipPhases?: readonly string[];
  /** Port of the host at which the cluster's registry answers. @default - no registry */
  readonly registryPort?: number;
  /** The node image, with its version of Kubernetes. @default - the provider's image */
  readonly image?: string;
  /** Path below the deployment's folder. */
  readonly kubeconfig: string;
  /** Folder of the provider's scripts, below `scripts/` or absolute. @default host/kind */
  readonly scripts?: string;
  /** @default - nothing */
  readonly dependsOn?: readonly ITerraformDependable[];
}

/** A whole cluster in containers, made by kind, with its kubeconfig in the deployment's folder. */
export class KindCluster extends Construct implements ITerraformDependable {
  public readonly fqn: string;

  /**
   * The Terraform name is `cluster-<cluster>`.
   * @throws UserError with everything that a rule of fleet files refuses in the props
   */
  constructor(scope: Construct, id: string, props: KindClusterProps) {
    super(scope, id);
    checkProps(this, props, (known) => kindFaults(known, props.scripts === undefined || props.scripts === kind.scripts));
    const { scripts = kind.scripts, dependsOn = [], ...wanted } = props;
    const defaults = { image: kind.image, hostPorts: [], bringsOwnCni: false, skipPhases: [] };
    this.fqn = new HostScript(this, clusterStepName('cluster', props.cluster), {
      run: `${scripts}/cluster-up.sh`,
      input: { ...defaults, ...wanted, nodes: props.nodes.map(({ name, role }) => ({ name, role })) },
      dependsOn,
    }).fqn;
  }
}
