import type { ITerraformDependable } from 'cdktf';
import { Construct } from 'constructs';
import { kubeadmFaults } from '../model/props/clusters';
import { checkProps } from './check-props';
import { HostScript } from './host-script';

export interface KubeadmNode {
  readonly name: string;
  readonly role: 'control-plane' | 'worker';
  /** An IPv4 address or a cdktf token. */
  readonly address: string;
  /** What must be there before anything is done on the machine. */
  readonly machine: ITerraformDependable;
  /** JoinConfiguration without token; of the first control plane too, which joins where another one has the cluster. */
  readonly join: object;
}

export interface KubeadmClusterProps {
  readonly name: string;
  readonly kubernetesVersion: string;
  readonly api: { readonly name: string; readonly port: number };
  /** The first control plane starts the cluster where there is none; where another one has it, no step depends on the first. At least one. */
  readonly nodes: readonly KubeadmNode[];
  /** Whom machines ask for images before the registry in an image's name; `_default` stands for every registry. @default - the registries themselves */
  readonly mirrors?: readonly { readonly registry: string; readonly url: string }[];
  /** Where machines install containerd and Kubernetes from, without the minor version. @default - they were born with them */
  readonly packageRepository?: string;
  /** Images that every node makes from its own programs, because no registry has them. @default - none */
  readonly ownImages?: readonly object[];
  /** Names that every machine and every pod of the fleet resolves. */
  readonly hostNames: readonly { readonly address: string; readonly names: readonly string[] }[];
  /** What must be there before the names can be told. @default - nothing but each machine itself */
  readonly namesWaitFor?: readonly ITerraformDependable[];
  /** kubeadm documents for the first control plane. */
  readonly init: readonly object[];
  /** Pod security defaults of the API server. */
  readonly admission: object;
  readonly corefile: string;
  /** Path below the deployment's folder. */
  readonly kubeconfig: string;
}

/** Machines that became a cluster: prepared, started, joined, with a kubeconfig on the host. A worker waits for its own control plane only. */
export class KubeadmCluster extends Construct {
  /** The whole of it, for who has to come after everything. */
  public readonly steps: readonly HostScript[];

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

    const { kubernetesVersion, hostNames, namesWaitFor = [], init: documents, admission, corefile, api, kubeconfig } = props;
    const { mirrors = [], packageRepository: repository, ownImages = [] } = props;
    const prepared = new Map<string, readonly HostScript[]>();
    for (const { name, machine } of props.nodes) {
      const installed =
        repository === undefined
          ? machine
          : guest(`packages-${name}`, name, 'guest/05-packages.sh', { kubernetesVersion, repository }, [machine]);
      const prepare = guest(`prepare-${name}`, name, 'guest/10-prepare.sh', { mirrors, kubernetesVersion }, [installed]);
      const images =
        ownImages.length === 0 ? prepare : guest(`images-${name}`, name, 'guest/06-own-images.sh', { images: ownImages }, [prepare]);
      prepared.set(name, [guest(`names-${name}`, name, 'guest/20-names.sh', { hosts: hostNames }, [images, ...namesWaitFor])]);
    }

    const [first, ...others] = [...props.nodes].sort((a, b) => Number(a.role === 'worker') - Number(b.role === 'worker'));
    if (first === undefined) throw new Error(`cluster "${props.name}" has no node`);
    const controlPlanes = props.nodes.filter(({ role }) => role === 'control-plane').map(({ name }) => name);
    const endpoint = `${api.name}:${api.port}`;
    const init = step(
      `init-${first.name}`,
      'host/init.sh',
      { cluster: props.name, node: first.name, address: first.address, documents, admission, endpoint, join: first.join },
      prepared.get(first.name)!,
    );
    const coredns = 'guest/45-coredns.sh';
    step(`coredns-${props.name}`, 'host/on-control-plane.sh', { controlPlanes, script: coredns, input: { corefile } }, [init], [coredns]);
    step(`kubeconfig-${props.name}`, 'host/kubeconfig.sh', { cluster: props.name, controlPlanes, apiName: api.name, kubeconfig }, [init]);

    // etcd takes one new member at a time, so control planes join in a row; workers wait for the first only.
    let latest = init;
    const joined = others.map(({ name, role, address, join }) => {
      const script = step(
        `join-${name}`,
        'host/join.sh',
        {
          cluster: props.name,
          node: name,
          address,
          role,
          controlPlanes,
          endpoint,
          join,
          ...(role === 'control-plane' ? { admission } : {}),
        },
        [...prepared.get(name)!, role === 'control-plane' ? latest : init],
      );
      if (role === 'control-plane') latest = script;
      return script;
    });
    const nodes = props.nodes.map(({ name, address }) => ({ name, address }));
    step(`serving-${props.name}`, 'host/approve-serving.sh', { controlPlanes, nodes }, [init, ...joined]);
    this.steps = steps;
  }
}
