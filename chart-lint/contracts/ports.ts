import { at } from '../../model/contracts/objects';
import { type Inventory, type Loose, listAt, matches, type Pods, portsNamed, type Thing } from './inventory';
import { portsOf } from './provided';
import type { Broken } from './violations';

/** A call that comes from where no selector reaches: the API server, a node's port, the gateway. */
interface Call {
  /** Who makes it, as a sentence's beginning. */
  readonly caller: string;
  readonly namespace: string;
  readonly service: string;
  /** Of the service. */
  readonly port: number | string;
}

/** Calls from outside that a default-deny policy would stop. */
export function closedPorts(inventory: Inventory): readonly Broken[] {
  return inventory.things.flatMap((thing) =>
    callsOf(thing).flatMap((call): Broken[] => {
      const service = inventory.things.find(
        ({ kind, namespace, name }) => kind === 'Service' && namespace === call.namespace && name === call.service,
      );
      if (service === undefined) return [];
      return targets(call, service, inventory).flatMap(({ pods, port }) =>
        isOpen(pods, port, inventory)
          ? []
          : [
              {
                release: pods.by,
                value: `port ${port} of ${pods.workload}`,
                rule: `${call.caller} calls it, and the policies of ${pods.namespace} deny that`,
                remedy: `name it in \`traffic\` of components/${pods.by}.ts`,
              },
            ],
      );
    }),
  );
}

/**
 * Ports that a policy of ours opens to everybody and that nothing has in any cluster that opens them: what a component says of its traffic holds for all
 * its roles.
 */
export function idleOpenings(inventories: readonly Inventory[]): readonly Broken[] {
  const opened = new Map<string, { readonly port: number | string; readonly policy: Thing; readonly used: boolean }>();
  for (const inventory of inventories)
    for (const policy of inventory.things.filter(isForAll))
      for (const port of openTo(policy.object)) {
        const key = `${policy.namespace} ${port}`;
        opened.set(key, { port, policy, used: opened.get(key)?.used || isUsed(port, policy.namespace, inventory) });
      }
  return [...opened.values()]
    .filter(({ used }) => !used)
    .map(({ port, policy }) => ({
      release: policy.by,
      value: `traffic: port ${port} of ${policy.namespace}`,
      rule: `it is open to everybody, and nothing there has it; there are ${portsIn(policy.namespace, inventories)}`,
      remedy: 'mend `traffic` of the component that names it',
      isNote: true,
    }));
}

/** A container has it, or a service leads to it: not every chart declares what its containers listen on. */
const isUsed = (port: number | string, namespace: string, { pods, things, releases }: Inventory): boolean =>
  releases.some(({ component, isUnknown }) => isUnknown && component.namespace.name === namespace) ||
  pods.some((one) => one.namespace === namespace && portsNamed(one, port).length > 0) ||
  things.some(
    ({ kind, namespace: own, object }) =>
      kind === 'Service' &&
      own === namespace &&
      at(object, 'spec', 'selector') !== undefined &&
      listAt(object, 'spec', 'ports').some((one) => (at(one, 'targetPort') ?? at(one, 'port')) === port),
  );

const portsIn = (namespace: string, inventories: readonly Inventory[]): string => {
  const here = inventories.flatMap(({ pods }) => pods.filter((one) => one.namespace === namespace));
  return [...new Set(here.map((one) => `${one.workload} (${portsOf(one)})`))].join(', ') || 'no pods';
};

/** The pods behind a service's port, with the number that they listen on. */
function targets(
  { port }: Call,
  { namespace, object }: Thing,
  { pods }: Inventory,
): readonly { readonly pods: Pods; readonly port: number }[] {
  const selector = at(object, 'spec', 'selector') as Loose | undefined;
  if (selector === undefined) return [];
  const asked = listAt(object, 'spec', 'ports').find((one) => at(one, 'port') === port || at(one, 'name') === port);
  const target = (at(asked, 'targetPort') ?? at(asked, 'port') ?? port) as number | string;
  return pods
    .filter((one) => one.namespace === namespace && matches(one.labels, selector))
    .flatMap((one) => (typeof target === 'number' ? [target] : portsNamed(one, target)).map((number) => ({ pods: one, port: number })));
}

function callsOf({ kind, namespace, name, object }: Thing): readonly Call[] {
  if (/^(Validating|Mutating)WebhookConfiguration$/.test(kind))
    return listAt(object, 'webhooks').flatMap((webhook) =>
      apiCall(at(webhook, 'clientConfig', 'service'), `the API server, for ${kind}/${name},`),
    );
  if (kind === 'APIService') return apiCall(at(object, 'spec', 'service'), `the API server, for APIService/${name},`);
  if (kind === 'Service' && /^(NodePort|LoadBalancer)$/.test(String(at(object, 'spec', 'type'))))
    return listAt(object, 'spec', 'ports').map((port) => ({
      caller: `whoever uses Service/${name} from outside`,
      namespace,
      service: name,
      port: at(port, 'port') as number,
    }));
  if (kind === 'HTTPRoute')
    return listAt(object, 'spec', 'rules')
      .flatMap((rule) => listAt(rule, 'backendRefs'))
      .map((backend) => ({
        caller: `the gateway, for HTTPRoute/${name},`,
        namespace: String(at(backend, 'namespace') ?? namespace),
        service: String(at(backend, 'name')),
        port: at(backend, 'port') as number,
      }));
  return [];
}

const apiCall = (service: unknown, caller: string): readonly Call[] =>
  service === undefined || service === null
    ? []
    : [
        {
          caller,
          namespace: String(at(service, 'namespace')),
          service: String(at(service, 'name')),
          port: Number(at(service, 'port') ?? 443),
        },
      ];

/** Pods that no policy speaks of, and those on the network of their node, take every call. */
function isOpen(pods: Pods, port: number, { things }: Inventory): boolean {
  if (pods.isOnHostNetwork) return true;
  const about = things.filter(
    ({ kind, namespace, object }) =>
      kind === 'NetworkPolicy' && namespace === pods.namespace && appliesTo(object, pods.labels) && isForIngress(object),
  );
  return about.length === 0 || about.some(({ object }) => opens(object, pods, port));
}

/** A policy with a selector that this does not read counts as one that speaks of all pods. */
const appliesTo = (policy: Loose, labels: Pods['labels']): boolean =>
  matches(labels, (at(policy, 'spec', 'podSelector', 'matchLabels') ?? {}) as Loose);

const isForIngress = (policy: Loose): boolean => {
  const types = at(policy, 'spec', 'policyTypes');
  return !Array.isArray(types) || types.includes('Ingress');
};

/** Rules for callers wherever they are. */
const openRules = (policy: Loose): readonly unknown[] =>
  listAt(policy, 'spec', 'ingress').filter((rule) => listAt(rule, 'from').length === 0);

const opens = (policy: Loose, pods: Pods, port: number): boolean =>
  openRules(policy).some((rule) => {
    const ports = listAt(rule, 'ports').map((one) => at(one, 'port') as number | string);
    return ports.length === 0 || ports.some((one) => one === port || portsNamed(pods, one).includes(port));
  });

const openTo = (policy: Loose): readonly (number | string)[] =>
  openRules(policy).flatMap((rule) => listAt(rule, 'ports').map((one) => at(one, 'port') as number | string));

/** Ours speak of every pod of a namespace; a chart's own of its own pods. */
const isForAll = ({ kind, object }: Thing): boolean =>
  kind === 'NetworkPolicy' && Object.keys((at(object, 'spec', 'podSelector') ?? {}) as Loose).length === 0;
