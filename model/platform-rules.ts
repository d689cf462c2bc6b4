import type { ClusterSpec, FleetSpec } from '../config/schema';
import { brokenContracts } from './contracts';
import type { PlatformRequest } from './platform-request';
import { idleFaults } from './props/idle-values';
import type { ResolvedPlatform } from './resolve-platform';
import { bufferDisk } from './rules/buffer-disk';
import { forbiddenRole } from './rules/forbidden-role';
import { fixedValues } from './rules/locked-values';
import { namespaceAgreement } from './rules/namespace-agreement';
import { oneCni } from './rules/one-cni';
import { oneLoadBalancer } from './rules/one-load-balancer';
import type { RuleFacts } from './rules/rule';

// Rules about missing components are left out: a foreign cluster may have them without Flotilla.
const rules = [forbiddenRole, oneCni, oneLoadBalancer, namespaceAgreement, fixedValues, bufferDisk];

/**
 * The rules of a fleet that one platform breaks, a sentence with its remedy each.
 * @param asked ids of the components that were asked for, without those that they require
 */
export function platformRuleProblems(request: PlatformRequest, asked: readonly string[]): readonly string[] {
  const facts: RuleFacts = {
    spec: specOf(request, asked),
    fleetName: request.cluster.name,
    network: null,
    providers: [],
    provider: null,
    catalog: request.components,
    source: 'official',
  };
  return [...rules.flatMap((rule) => rule.check(facts)).map(({ rule, remedy }) => `${rule}; ${remedy}`), ...idleFaults(facts)];
}

/** The contracts of a fleet that one resolved platform breaks, a sentence with its remedy each. */
export function platformContractProblems({ cluster }: PlatformRequest, platform: ResolvedPlatform, kubeconfig: string): readonly string[] {
  const nodes = cluster.nodes.map((node) => ({ ...node, machine: node.name }));
  const resolved = { ...cluster, ...platform, nodes, kubeconfig, hostPorts: [], skipPhases: [] };
  return brokenContracts({ clusters: [resolved], stacks: [] }).map(({ rule, remedy }) => `${rule}; ${remedy}`);
}

/** The request as a fleet file would state it, as far as these rules read it. */
function specOf({ cluster, values, userSecrets, domain, kubernetesVersion }: PlatformRequest, asked: readonly string[]): FleetSpec {
  const { name, id, role, podCidr, serviceCidr, nodes } = cluster;
  const components = { add: [...asked], remove: [], values: copy(values), secrets: copy(userSecrets) };
  const spec: ClusterSpec = { name, id, role, podCidr, serviceCidr, components, hostPorts: [], nodes: [...nodes] };
  return {
    provider: 'auto',
    registry: { port: 5000 },
    kubernetes: kubernetesVersion.split('.').slice(0, 2).join('.'),
    domain,
    budget: { memoryMiB: nodes.reduce((sum, { memoryMiB }) => sum + memoryMiB, 0), overcommit: true },
    featureGates: 'full',
    sources: {},
    charts: {},
    secrets: {},
    clusters: [spec],
  };
}

const copy = <T>(record: Readonly<Record<string, T>>): Record<string, T extends readonly (infer E)[] ? E[] : T> =>
  structuredClone(record) as Record<string, T extends readonly (infer E)[] ? E[] : T>;
