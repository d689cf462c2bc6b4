import { Construct } from 'constructs';
import type { Component } from '../components/define';
import { cilium } from '../components/network/cilium';
import { gateway } from '../components/network/gateway';
import { metallbPools } from '../components/network/metallb-pools';
import { nodePort } from '../components/network/node-port';
import { at } from '../model/contracts/objects';
import { meshProps } from '../model/props/platforms';
import { checkProps } from './check-props';
import type { Platform, Ready } from './platform';

export interface CiliumMeshProps {
  /** Port of every node on which Hubble shows the cluster's flows; `null` turns the page off. @default - the port of Flotilla's values */
  readonly hubblePort?: number | null;
  /** Whether traffic enters through a Gateway. @default true */
  readonly gateway?: boolean;
  /** Where the mesh CA is. @default - nothing */
  readonly dependsOn?: Ready;
}

/** The pod network of one cluster and its membership in the cluster mesh: identity, CA, peers, load balancer addresses, Hubble. */
export class CiliumMesh extends Construct {
  /** Pods can start: nodes are Ready and policies are enforced. */
  public readonly ready: Ready;
  /** Services of type LoadBalancer get an address; where the network has none, they are rejected with a message. */
  public readonly loadBalancer: { readonly ready: Ready };
  private readonly hasGateway: boolean;

  /** Whether the fleet file installs it on this cluster. */
  public static isPartOf(platform: Platform): boolean {
    return platform.firstOf(cilium) !== undefined;
  }

  /** @throws Error when the clusters cannot form a mesh: names, ids and pod ranges have to differ */
  constructor(
    private readonly platform: Platform,
    id: string,
    props: CiliumMeshProps = {},
  ) {
    super(platform, id);
    const { hubblePort, gateway: wantsGateway = true, dependsOn = [] } = props;
    const { cluster, clusters } = platform;
    checkProps(this, { ...props, cluster, others: clusters.filter((one) => one !== cluster) }, meshProps);
    const balancer = platform.firstOf(metallbPools, nodePort) ?? (cluster.loadBalancerPool === undefined ? nodePort : metallbPools);
    const components: readonly Component[] = [cilium, balancer, ...(wantsGateway ? [gateway] : [])];
    const ui = hubblePort === null ? { enabled: false } : { service: { nodePort: hubblePort } };
    platform.install(components, {
      scope: this,
      dependsOn,
      ...(hubblePort === undefined ? {} : { values: { [cilium.id]: { hubble: { ui } } } }),
    });
    this.ready = platform.ready(cilium);
    this.loadBalancer = { ready: platform.ready(balancer) };
    this.hasGateway = wantsGateway && platform.includes(gateway);
  }

  /** The Secret that is the CA of every cluster in the mesh. A script applies it, so no key is in values or state. */
  public get authority(): { readonly namespace: string; readonly secret: string } {
    const { secrets, namespace } = this.platform.resolvedComponent(cilium);
    const [authority] = secrets;
    if (authority === undefined) throw new Error(`${this.node.path}: the component "${cilium.id}" has no Secret for the mesh CA`);
    return { namespace: namespace.name, secret: authority.name };
  }

  /** Port of every node on which peers reach this cluster's mesh API. */
  public get peerPort(): number {
    return Number(at(this.platform.resolvedComponent(cilium).values, 'clustermesh', 'apiserver', 'service', 'nodePort'));
  }

  /** Names of the clusters that it connects to. */
  public get peers(): readonly string[] {
    const peers = at(this.platform.resolvedComponent(cilium).values, 'clustermesh', 'config', 'clusters');
    return Array.isArray(peers) ? peers.map((peer) => String(at(peer, 'name'))) : [];
  }

  /** What routes name as their parent; `null` without a Gateway. */
  public get gateway(): { readonly namespace: string; readonly name: string; readonly ready: Ready } | null {
    if (!this.hasGateway) return null;
    const { resources, namespace } = this.platform.resolvedComponent(gateway);
    const object = resources.find(({ kind }) => kind === 'Gateway');
    if (object === undefined) throw new Error(`${this.node.path}: the component "${gateway.id}" has no Gateway object`);
    return { name: object.metadata.name, namespace: object.metadata.namespace ?? namespace.name, ready: this.platform.ready(gateway) };
  }
}
