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
  /** Pods may start: nodes are Ready, policies are understood. */
  public readonly network: ITerraformDependable;
  /** Services may ask for an address; where there are none to announce, those that do are refused with a word. */
  public readonly loadBalancer: ITerraformDependable;
  public readonly set: Installation['set'];
  private readonly made: Installation;
  private readonly hasGateway: boolean;

  /** @throws UserError when a prop breaks a rule, or the clusters cannot be one mesh: names, ids and pods' addresses have to differ */
  constructor(scope: Construct, id: string, props: CiliumMeshProps) {
    super(scope, id);
    checkProps(this, props, installationFaults, meshProps);
    const { cluster, gateway: hasGateway = true } = props;
    const balancer = cluster.loadBalancerPool === undefined ? nodePort : metallbPools;
    const made = install(this, props, [cilium, balancer, ...(hasGateway ? [gateway] : [])], (component) => withHubble(component, props));
    this.made = made;
    this.set = made.set;
    this.network = made.end(cilium);
    this.loadBalancer = made.end(balancer);
    this.hasGateway = hasGateway;
  }

  // Getters, because a construct that comes into the set later may still change what they return.

  /** The Secret with the authority that all clusters of the mesh share; a script applies it, no key is in values or state. */
  public get authority(): { readonly namespace: string; readonly secret: string } {
    const { secrets, namespace } = this.made.of(cilium);
    return { namespace: namespace.name, secret: secrets[0]!.name };
  }

  /** The NodePort at which peers reach the mesh API of this cluster. */
  public get peerPort(): number {
    return at(this.made.of(cilium).values, 'clustermesh', 'apiserver', 'service', 'nodePort') as number;
  }

  /** Names of the clusters that this one connects to. */
  public get peers(): readonly string[] {
    const configured = at(this.made.of(cilium).values, 'clustermesh', 'config', 'clusters') as
      | readonly { readonly name: string }[]
      | undefined;
    return configured?.map(({ name }) => name) ?? [];
  }

  /** The Gateway that routes name as their parent; `null` without one. */
  public get gateway(): { readonly namespace: string; readonly name: string; readonly ready: ITerraformDependable } | null {
    return this.hasGateway ? { ...firstOf(this.made.of(gateway)), ready: this.made.end(gateway) } : null;
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
