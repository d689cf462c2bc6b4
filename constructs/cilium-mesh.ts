import type { ITerraformDependable } from 'cdktf';
import { Construct } from 'constructs';
import { cilium } from '../components/cilium';
import { gateway } from '../components/gateway';
import { metallbPools } from '../components/metallb-pools';
import { nodePort } from '../components/node-port';
import { at } from '../model/contracts/objects';
import { mergeValues } from '../model/merge-values';
import { installationFaults, meshProps } from '../model/props/platforms';
import type { ResolvedComponent } from '../model/resolved-fleet';
import { checkProps } from './check-props';
import { type Installation, type InstallationProps, install } from './installation';

/** `cluster.id` is its identity, `others` are its peers, `cluster.loadBalancerPool` is what it may announce. */
export interface CiliumMeshProps extends InstallationProps {
  /** Where Hubble shows the cluster's flows: a NodePort, 30000 to 32767, or nowhere; may be a cdktf token. @default - the port of our values */
  readonly hubblePort?: number | null;
  /** Whether traffic comes in by a Gateway. @default true */
  readonly gateway?: boolean;
}

/** The pod network of one cluster and its part in the mesh of all: identity, authority, peers, addresses to announce, Hubble. */
export class CiliumMesh extends Construct {
  /** Where all clusters of the mesh have the same authority; laid down by a script, no key is in values or state. */
  public readonly authority: { readonly namespace: string; readonly secret: string };
  /** Of every node: where peers ask for this cluster's services and identities. */
  public readonly peerPort: number;
  /** Names of the clusters that it asks. */
  public readonly peers: readonly string[];
  /** Pods may start: nodes are Ready, policies are understood. */
  public readonly network: ITerraformDependable;
  /** Services may ask for an address; where there are none to announce, those that do are refused with a word. */
  public readonly loadBalancer: ITerraformDependable;
  /** What routes name as their parent; `null` without one. */
  public readonly gateway: { readonly namespace: string; readonly name: string; readonly ready: ITerraformDependable } | null;
  public readonly set: Installation['set'];

  /** @throws UserError when a prop breaks a rule, or the clusters cannot be one mesh: names, ids and pods' addresses have to differ */
  constructor(scope: Construct, id: string, props: CiliumMeshProps) {
    super(scope, id);
    checkProps(this, props, installationFaults, meshProps);
    const { cluster, gateway: hasGateway = true } = props;
    const balancer = cluster.loadBalancerPool === undefined ? nodePort : metallbPools;
    const made = install(this, props, [cilium, balancer, ...(hasGateway ? [gateway] : [])], (component) => withHubble(component, props));
    const { values, secrets, namespace } = made.of(cilium);
    this.set = made.set;
    this.authority = { namespace: namespace.name, secret: secrets[0]!.name };
    this.peerPort = at(values, 'clustermesh', 'apiserver', 'service', 'nodePort') as number;
    const configured = at(values, 'clustermesh', 'config', 'clusters') as readonly { readonly name: string }[] | undefined;
    this.peers = configured?.map(({ name }) => name) ?? [];
    this.network = made.end(cilium);
    this.loadBalancer = made.end(balancer);
    this.gateway = hasGateway ? { ...firstOf(made.of(gateway)), ready: made.end(gateway) } : null;
  }
}

function withHubble(component: ResolvedComponent, { hubblePort }: CiliumMeshProps): ResolvedComponent {
  if (component.id !== cilium.id || hubblePort === undefined) return component;
  const ui = hubblePort === null ? { enabled: false } : { service: { nodePort: hubblePort } };
  return { ...component, values: mergeValues(component.values, { hubble: { ui } }) };
}

function firstOf({ resources }: ResolvedComponent): { readonly namespace: string; readonly name: string } {
  const { name, namespace } = resources[0]!.metadata;
  return { name, namespace: namespace! };
}
