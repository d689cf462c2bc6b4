import type { ITerraformDependable } from 'cdktf';
import { Construct } from 'constructs';
import { HostScript } from './host-script';

export interface KubeadmNode {
  readonly name: string;
  readonly role: 'control-plane' | 'worker';
  readonly address: string;
  /** What must be there before anything is done on the machine. */
  readonly machine: ITerraformDependable;
  /** JoinConfiguration without token; unused on the first control plane. */
  readonly join: object;
}

export interface KubeadmClusterProps {
  readonly name: string;
  readonly kubernetesVersion: string;
  readonly api: { readonly name: string; readonly port: number };
  /** The first control plane starts the cluster. At least one. */
  readonly nodes: readonly KubeadmNode[];
  /** The registry that machines ask first, as URL. */
  readonly registry: string;
  /** Names that every machine and every pod of the fleet resolves. */
  readonly hostNames: readonly { readonly address: string; readonly names: readonly string[] }[];
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

  constructor(scope: Construct, id: string, props: KubeadmClusterProps) {
    super(scope, id);
    const steps: HostScript[] = [];
    const step = (name: string, run: string, input: Record<string, unknown>, dependsOn: readonly ITerraformDependable[]): HostScript => {
      const script = new HostScript(this, name, { run, input, dependsOn });
      steps.push(script);
      return script;
    };
    const guest = (name: string, node: string, script: string, input: object, dependsOn: readonly ITerraformDependable[]): HostScript => {
      const made = new HostScript(this, name, { run: 'host/guest.sh', handsOn: [script], input: { node, script, input }, dependsOn });
      steps.push(made);
      return made;
    };

    const { registry, kubernetesVersion, hostNames, init: documents, admission, corefile, api, kubeconfig } = props;
    const prepared = new Map<string, readonly HostScript[]>();
    for (const { name, machine } of props.nodes) {
      const prepare = guest(`prepare-${name}`, name, 'guest/10-prepare.sh', { registry, kubernetesVersion }, [machine]);
      prepared.set(name, [guest(`names-${name}`, name, 'guest/20-names.sh', { hosts: hostNames }, [prepare])]);
    }

    const [first, ...others] = [...props.nodes].sort((a, b) => Number(a.role === 'worker') - Number(b.role === 'worker'));
    if (first?.role !== 'control-plane') throw new Error(`cluster "${props.name}" has no control plane, it needs one node of that role`);
    const init = guest(`init-${first.name}`, first.name, 'guest/40-init.sh', { documents, admission }, prepared.get(first.name)!);
    guest(`coredns-${props.name}`, first.name, 'guest/45-coredns.sh', { corefile }, [init]);
    step(
      `kubeconfig-${props.name}`,
      'host/kubeconfig.sh',
      { cluster: props.name, node: first.name, address: first.address, apiName: api.name, kubeconfig },
      [init],
    );

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
          controlPlane: first.name,
          endpoint: `${api.name}:${api.port}`,
          join,
          ...(role === 'control-plane' ? { admission } : {}),
        },
        [...prepared.get(name)!, role === 'control-plane' ? latest : init],
      );
      if (role === 'control-plane') latest = script;
      return script;
    });
    const nodes = props.nodes.map(({ name, address }) => ({ name, address }));
    step(`serving-${props.name}`, 'host/approve-serving.sh', { controlPlane: first.name, nodes }, [init, ...joined]);
    this.steps = steps;
  }
}
