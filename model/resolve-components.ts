import { parse } from 'yaml';
import {
  type Check,
  type Component,
  type ComponentContext,
  type ContextCluster,
  clientsOf,
  deepFreeze,
  peersOf,
  type Requests,
  type Step,
} from '../components/define';
import { laidSecrets } from './bootstrap-secrets';
import { fillWords } from './fill-words';
import { fillers, installOrder } from './install-order';
import { mergeValues } from './merge-values';
import type { FleetSettings, PlatformRequest, ReadFile, StepInputs } from './platform-request';
import type { ResolvedComponent } from './resolved-fleet';

const defaultTimeoutSeconds = 300;

/** The components of one cluster in install order, with everything computed that depends on the cluster. */
export function resolveComponents(request: PlatformRequest, context: ComponentContext): readonly ResolvedComponent[] {
  const { cluster, components, reachable, values, userSecrets, settings = {}, stepInputs = {}, readFile } = request;
  // Only an agent uses components of another cluster.
  const isAgent = cluster.role === 'agent';
  return installOrder(components, !isAgent).map(({ component, dependsOn }) => ({
    id: component.id,
    summary: component.summary,
    provides: component.provides ?? [],
    namespace: { ...component.namespace, podSecurity: component.namespace.podSecurity ?? null },
    chart: component.chart ?? null,
    dependsOn,
    reaches: !isAgent ? [] : (component.reaches ?? []).flatMap((target) => fillers(target, reachable).map(({ id }) => id)),
    serves: component.serves ?? [],
    crds: component.crds ?? [],
    requests: requestsOf(component.requests?.[cluster.role], cluster.nodes.length),
    secrets: laidSecrets(component, context, userSecrets[component.id]),
    timeoutSeconds: component.timeoutSeconds ?? defaultTimeoutSeconds,
    values: mergeValues(staticValues(component.id, readFile), component.values?.(context) ?? {}, values[component.id] ?? {}),
    resources: component.resources?.(context) ?? [],
    steps: withInput(
      withSettings(fillWords(stepsIn(component, context), wordsOf(context.cluster, context)), settings),
      stepInputs[component.id],
    ),
    links: cluster.role === 'hub' ? withSettings(linksOf(component, context), settings) : [],
    ready: (component.ready ?? []).filter(({ roles }) => roles?.includes(cluster.role) ?? true),
    checks: (component.checks ?? []).flatMap((check) => expandCheck(check, context)),
  }));
}

/** Those that the cluster needs. */
const stepsIn = ({ steps = [] }: Component, { has }: ComponentContext): readonly Step[] =>
  steps.filter(({ onlyWith }) => onlyWith === undefined || has(onlyWith)).map(({ onlyWith: _, ...step }) => step);

const withInput = (steps: readonly Step[], inputs: StepInputs[string] = {}): readonly Step[] =>
  steps.map((step) => (inputs[step.id] === undefined ? step : { ...step, input: { ...step.input, ...inputs[step.id] } }));

/** Each script with what it asks of the fleet file, where that says something. */
const withSettings = <S extends Step>(steps: readonly S[], settings: FleetSettings): readonly S[] =>
  steps.map(({ settings: asked = [], ...step }) => {
    const said = asked.flatMap((name) => (settings[name] === undefined ? [] : [[name, settings[name]] as const]));
    return (said.length === 0 ? step : { ...step, input: { ...step.input, ...Object.fromEntries(said) } }) as S;
  });

function linksOf({ links = [] }: Component, context: ComponentContext): ResolvedComponent['links'] {
  const clients = context.clusters.filter(({ role }) => role === 'agent');
  return clients.flatMap((client) => fillWords(links, wordsOf(client, context)).map((step) => ({ ...step, client: client.name })));
}

const wordsOf = ({ name, api }: ContextCluster, { domain }: ComponentContext) => ({
  cluster: name,
  domain,
  api: `https://${api.name}:${api.port}`,
});

function requestsOf(requests: Requests | undefined, nodes: number): ResolvedComponent['requests'] {
  const { cpuMillicores = 0, memoryMiB = 0, perNode, storageGiB = 0 } = requests ?? {};
  return {
    cpuMillicores: cpuMillicores + nodes * (perNode?.cpuMillicores ?? 0),
    memoryMiB: memoryMiB + nodes * (perNode?.memoryMiB ?? 0),
    storageGiB,
  };
}

// A hundred clusters read the same few files; what is parsed is laid over, never changed.
const parsed = new Map<string, Readonly<Record<string, unknown>>>();

/** What `values/<id>.yaml` says, nothing when there is no such file. */
export function staticValues(id: string, readFile: ReadFile): Readonly<Record<string, unknown>> {
  const text = readFile(`values/${id}.yaml`);
  if (text === null) return {};
  const values = parsed.get(text) ?? deepFreeze((parse(text) ?? {}) as Record<string, unknown>);
  parsed.set(text, values);
  return values;
}

/** A check that says `{node}` or `{address}` is asked once per node, one that says `{peer}` or `{peerApi}` once per other cluster of the mesh. */
function expandCheck(check: Check, context: ComponentContext): Check[] {
  const { nodes, cluster } = context;
  const clients = clientsOf(context)
    .map(({ name }) => name)
    .join(' ');
  const says = (words: RegExp) => check.command.some((part) => words.test(part));
  const words = { cluster: cluster.name, clients };
  const perNode = says(/\{(node|address)\}/) ? nodes.map(({ name, address }) => ({ node: name, address })) : [{}];
  const perPeer = says(/\{peer(Api)?\}/)
    ? peersOf(context).map((peer) => ({ peer: peer.name, peerApi: wordsOf(peer, context).api }))
    : [null];
  return perNode.flatMap((node) =>
    perPeer.map((peer) => {
      const known: Readonly<Record<string, string>> = { ...words, ...node, ...peer };
      const fill = (text: string) =>
        text.replace(/\{(node|address|cluster|clients|peer|peerApi)\}/g, (whole, word: string) => known[word] ?? whole);
      const { description, command, hint } = check;
      const filled = { description: fill(description), command: command.map(fill), hint: fill(hint) };
      return peer === null ? filled : { ...filled, peer: peer.peer };
    }),
  );
}
