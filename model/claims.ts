import { isValues } from './merge-values';

/** Something of a cluster that only one release can have: a port of its nodes, or an object. */
export interface Claim {
  /** `port 30080/TCP`, `Service demo/demo` or `Role.rbac.authorization.k8s.io demo/demo`. */
  readonly what: string;
  /** The component. */
  readonly by: string;
}

export interface Collision {
  readonly what: string;
  /** All that claim it, at least two. */
  readonly by: readonly string[];
}

/** What more than one claims. */
export function collisions(claims: readonly Claim[]): readonly Collision[] {
  const claimants = new Map<string, Set<string>>();
  for (const { what, by } of claims) claimants.set(what, (claimants.get(what) ?? new Set()).add(by));
  return [...claimants].filter(([, by]) => by.size > 1).map(([what, by]) => ({ what, by: [...by] }));
}

/** Ports of the nodes that are asked for by number, anywhere in an object or in the values of a chart, as Kubernetes counts them: by protocol. */
export function nodePortsIn(value: unknown): readonly string[] {
  const ports: string[] = [];
  collectNodePorts(value, ports);
  return ports;
}

function collectNodePorts(value: unknown, into: string[]): void {
  if (Array.isArray(value)) for (const one of value) collectNodePorts(one, into);
  if (!isValues(value)) return;
  if (!closed(value)) {
    const protocol = typeof value.protocol === 'string' ? value.protocol : 'TCP';
    for (const [key, port] of Object.entries(value)) if (isNodePort(key, port)) into.push(`port ${String(port)}/${protocol}`);
  }
  for (const one of Object.values(value)) collectNodePorts(one, into);
}

/** Charts say `nodePort`, or `nodePortHttp` beside `nodePortHttps`. */
const isNodePort = (key: string, port: unknown): boolean => /^nodePort/i.test(key) && Number(port) >= 30000 && Number(port) <= 32767;

/** A service that is not open on the nodes: what its port would be is not asked for. */
const closed = ({ type, serviceType = type }: Readonly<Record<string, unknown>>): boolean =>
  typeof serviceType === 'string' && /^(ClusterIP|ExternalName|None)$/.test(serviceType);

/** Kinds of Kubernetes itself, and by their names those of others, whose objects are in no namespace. */
const clusterWide =
  /^(Cluster.*|.*Clusterwide.*|CustomResourceDefinition|APIService|Namespace|StorageClass|PriorityClass|IngressClass|GatewayClass|RuntimeClass|CSIDriver|PersistentVolume|(Validating|Mutating)(WebhookConfiguration|AdmissionPolicy|AdmissionPolicyBinding))$/;

interface Named {
  readonly apiVersion?: unknown;
  readonly kind?: unknown;
  readonly metadata?: unknown;
}

/**
 * An object's name among all objects of its cluster.
 * @param namespace where it goes when it says none itself
 * @param wide kinds that are in no namespace, beside those that are known by their names
 */
export function objectName({ apiVersion, kind, metadata }: Named, namespace: string, wide: ReadonlySet<string> = new Set()): string | null {
  if (typeof kind !== 'string' || !isValues(metadata) || typeof metadata.name !== 'string') return null;
  const place = clusterWide.test(kind) || wide.has(kind) ? '' : `${String(metadata.namespace ?? namespace)}/`;
  const [group, version] = String(apiVersion).split('/');
  return `${version === undefined ? kind : `${kind}.${group}`} ${place}${metadata.name}`;
}
