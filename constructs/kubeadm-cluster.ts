import type { ITerraformDependable } from 'cdktf';
import { Construct } from 'constructs';
import { admission, initDocuments, joinDocument, type KubeadmFleet, type KubeadmPlan } from '../model/kubeadm';
import { apiName, type HostEntry, hostEntries, renderCorefile } from '../model/names';
import { kubeadmFaults } from '../model/props/clusters';
import { clusterStepName, nodeStepName } from '../model/terraform-names';
import { checkProps } from './check-props';
import { HostScript } from './host-script';
import type { Ready } from './platform';

export interface KubeadmNode {
  /** Host name of the machine. */
  readonly name: string;
  readonly role: 'control-plane' | 'worker';
  /** IPv4 address that the other nodes reach; may be a cdktf token. */
  readonly address: string;
  /** The machine. Nothing runs on it before this. */
  readonly machine: ITerraformDependable;
}

export interface KubeadmClusterProps {
  readonly name: string;
  /** Such as 1.35.4. */
  readonly kubernetesVersion: string;
  /** IPv4 range of the pods. */
  readonly podCidr: string;
  /** IPv4 range of the services. */
  readonly serviceCidr: string;
  /** DNS domain of the machines. */
  readonly domain: string;
  /** At least one control plane. The first one runs `kubeadm init` unless another one has the cluster already. */
  readonly nodes: readonly KubeadmNode[];
  /** @default - `api.<name>.<domain>` and 6443 */
  readonly api?: { readonly name: string; readonly port: number };
  /** Which feature gates are listed. @default full */
  readonly featureGates?: KubeadmFleet['featureGates'];
  /** kubeadm phases to skip, such as `addon/kube-proxy` where Cilium replaces it. @default - none */
  readonly skipPhases?: readonly string[];
  /** Registry mirrors, tried before the image's own registry; `_default` stands for every registry. @default - none */
  readonly mirrors?: readonly { readonly registry: string; readonly url: string }[];
  /** Where machines install containerd and Kubernetes from, without the minor version. @default - they are in the machine's image */
  readonly packageRepository?: string;
  /** Images that every node makes from its own programs, because no registry has them. @default - none */
  readonly ownImages?: readonly object[];
  /** Names that every machine and every pod resolves. @default - the nodes and the API */
  readonly hostNames?: readonly HostEntry[];
  /** What must exist before the names are written. @default - each machine itself */
  readonly namesWaitFor?: readonly ITerraformDependable[];
  /** CoreDNS configuration. @default - services and host names; other names are forwarded to the machine's resolver */
  readonly corefile?: string;
  /** Path below the deployment's folder. @default - `kubeconfig/<name>` */
  readonly kubeconfig?: string;
}

/** Turns machines into a cluster by kubeadm and writes its kubeconfig on the host. A worker depends on its own control plane only. */
export class KubeadmCluster extends Construct {
  /** All nodes have joined. */
  public readonly ready: Ready;

  /** @throws UserError with everything that a rule of fleet files refuses in the props */
  constructor(scope: Construct, id: string, props: KubeadmClusterProps) {
    super(scope, id);
    checkProps(this, props, kubeadmFaults);
    const steps: HostScript[] = [];
    const step = (
      name: string,
      run: string,
      input: Record<string, unknown>,
      dependsOn: readonly ITerraformDependable[],
      handsOn: readonly string[] = [],
    ): HostScript => {
      const script = new HostScript(this, name, { run, handsOn, input, dependsOn });
      steps.push(script);
      return script;
    };
    const guest = (name: string, node: string, script: string, input: object, dependsOn: readonly ITerraformDependable[]): HostScript =>
      step(name, 'host/guest.sh', { node, script, input }, dependsOn, [script]);

    const {
      name: cluster,
      kubernetesVersion,
      podCidr,
      serviceCidr,
      domain,
      skipPhases = [],
      namesWaitFor = [],
      featureGates = 'full',
    } = props;
    const { api = { name: apiName(cluster, domain), port: 6443 }, kubeconfig = `kubeconfig/${cluster}` } = props;
    const { hostNames = hostEntries(props.nodes, api.name, domain) } = props;
    const { corefile = renderCorefile({ domain, hosts: hostNames, forwards: true }) } = props;
    const plan: KubeadmPlan = { name: cluster, api, podCidr, serviceCidr, skipPhases, nodes: props.nodes };
    const { mirrors = [], packageRepository: repository, ownImages = [] } = props;
    const prepared = new Map<string, readonly HostScript[]>();
    for (const { name, machine } of props.nodes) {
      const installed =
        repository === undefined
          ? machine
          : guest(nodeStepName('packages', name), name, 'guest/packages.sh', { kubernetesVersion, repository }, [machine]);
      const prepare = guest(nodeStepName('prepare', name), name, 'guest/prepare.sh', { mirrors, kubernetesVersion }, [installed]);
      const images =
        ownImages.length === 0
          ? prepare
          : guest(nodeStepName('images', name), name, 'guest/own-images.sh', { images: ownImages }, [prepare]);
      prepared.set(name, [guest(nodeStepName('names', name), name, 'guest/names.sh', { hosts: hostNames }, [images, ...namesWaitFor])]);
    }

    const [first, ...others] = [...props.nodes].sort((a, b) => Number(a.role === 'worker') - Number(b.role === 'worker'));
    if (first?.role !== 'control-plane')
      throw new Error(`${this.node.path}: cluster "${cluster}" has no control plane; give one node of \`nodes\` the role control-plane`);
    const controlPlanes = props.nodes.filter(({ role }) => role === 'control-plane').map(({ name }) => name);
    const endpoint = `${api.name}:${api.port}`;
    const init = step(
      nodeStepName('init', first.name),
      'host/init.sh',
      {
        cluster,
        node: first.name,
        address: first.address,
        documents: initDocuments({ kubernetesVersion, domain, featureGates }, plan, first),
        admission: admission(),
        endpoint,
        join: joinDocument(plan, first),
      },
      prepared.get(first.name)!,
    );
    const coredns = 'guest/coredns.sh';
    step(
      clusterStepName('coredns', cluster),
      'host/on-control-plane.sh',
      { controlPlanes, script: coredns, input: { corefile } },
      [init],
      [coredns],
    );
    step(clusterStepName('kubeconfig', cluster), 'host/kubeconfig.sh', { cluster, controlPlanes, apiName: api.name, kubeconfig }, [init]);

    // etcd takes one new member at a time, so control planes join in a row; workers wait for the first only.
    let latest = init;
    const joined = others.map((node) => {
      const { name, role, address } = node;
      const script = step(
        nodeStepName('join', name),
        'host/join.sh',
        {
          cluster,
          node: name,
          address,
          role,
          controlPlanes,
          endpoint,
          join: joinDocument(plan, node),
          ...(role === 'control-plane' ? { admission: admission() } : {}),
        },
        [...prepared.get(name)!, role === 'control-plane' ? latest : init],
      );
      if (role === 'control-plane') latest = script;
      return script;
    });
    const nodes = props.nodes.map(({ name, address }) => ({ name, address }));
    step(clusterStepName('serving', cluster), 'host/approve-serving.sh', { controlPlanes, nodes }, [init, ...joined]);
    this.ready = steps;
  }
}
