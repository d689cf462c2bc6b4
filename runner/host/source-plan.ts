import { unmirrored } from '../../artifacts/charts/mirror';
import { type NodePackages, officialProbes } from '../../artifacts/official';
import { probeAll } from '../../artifacts/probe';
import { stagedCharts } from '../../artifacts/versions';
import { offlinePlan, type PreparationPlan } from '../../artifacts/wanted';
import { kubernetesPin, minorNumber, minorsOf } from '../../config/kubernetes-versions';
import { onPath } from '../../config/on-path';
import { everyKindFrom, readToldSources, type SourceChoice, type SourceKind } from '../../config/sources';
import { knownProviders } from '../../machines';
import type { MachineProvider } from '../../machines/define';
import type { ResolvedFleet } from '../../model/resolved-fleet';
import type { SourceQuestion } from '../deployment/open';
import { choiceOf, chooseSources, type SourceDecision } from './source-choice';
import { recordedChoice } from './sources';

export interface SourcePlan {
  readonly plan: PreparationPlan;
  readonly decisions: readonly SourceDecision[];
}

/** The node image is Debian 12: its containerd 1.6 is too old for kubelets after this minor. */
const newestOnNodeImage = 35;

/** Where everything will come from. Asks public hosts only about kinds that neither a person nor an earlier run has decided. @throws UserError */
export function planSources(question: SourceQuestion, environment: NodeJS.ProcessEnv = process.env): SourcePlan {
  const told = wishOf(question, environment);
  const charts = unmirrored(question.charts, question.chartMirror ?? null);
  const nodePackages = nodePackagesOf(question.provider);
  const official = {
    kubernetes: kubernetesPin(question.kubernetes, 'official')?.kubernetes ?? '',
    nodePackages,
    chartRepositories: [...new Set(charts.map(({ repository }) => repository))],
    platform: process.platform,
    architecture: offlinePlan.architecture,
  };
  const probes = officialProbes(official);
  const decisions = chooseSources({
    told,
    recorded: recordedChoice(question.folder),
    unreachable: (kind) =>
      kind === 'packages' && nodePackages === 'image' && minorNumber(question.kubernetes) > newestOnNodeImage
        ? `the node image is Debian 12, whose containerd is too old for Kubernetes ${question.kubernetes}`
        : probeAll(probes[kind]),
    unbuildable: (kind) =>
      (kind === 'charts' ? standInHindrance(charts, told, () => probeAll(probes.images) === null) : null) ??
      hindrance(kind, question, told),
  });
  const choice = choiceOf(decisions);
  const standIns = choice.charts === 'offline' ? withoutReal(charts).map(({ name }) => name) : [];
  return { plan: { ...official, choice, standIns }, decisions };
}

/** For `openDeployedFleet`, by verbs that work on the deployment or judge this host. */
export const decidedSources = (question: SourceQuestion): SourceChoice => planSources(question).plan.choice;

/**
 * The sources without asking the network, for verbs that only look or preview: what FLOTILLA_SOURCES names, then the fleet file, then what the deployment was
 * made from. Everything else is official.
 */
export function settledSources(question: SourceQuestion, environment: NodeJS.ProcessEnv = process.env): SourceChoice {
  return { ...(recordedChoice(question.folder) ?? everyKindFrom('official')), ...wishOf(question, environment) };
}

/** The plan of a resolved fleet by its own sources. Asks no network. */
export function settledPlan(model: ResolvedFleet): Pick<PreparationPlan, 'choice' | 'standIns'> {
  const standIns = model.sources.charts === 'offline' ? withoutReal(chartsOf(model)).map(({ name }) => name) : [];
  return { choice: model.sources, standIns };
}

/** What a person named: FLOTILLA_SOURCES overrides the fleet file. */
function wishOf({ wanted = {} }: Pick<SourceQuestion, 'wanted'>, environment: NodeJS.ProcessEnv): Partial<SourceChoice> {
  const named = Object.entries(wanted).filter(([, source]) => source !== undefined);
  return { ...Object.fromEntries(named), ...readToldSources(environment.FLOTILLA_SOURCES) };
}

const chartsOf = ({ clusters }: ResolvedFleet) => clusters.flatMap(({ components }) => components.flatMap(({ chart }) => chart ?? []));

/** The plan of a fleet that is resolved already. */
export function planOf(model: ResolvedFleet, folder: string): SourcePlan {
  const provider = knownProviders().find(({ id }) => id === model.provider.id)!;
  const kubernetes = model.kubernetesVersion.split('.').slice(0, 2).join('.');
  return planSources({
    folder,
    provider,
    kubernetes,
    charts: chartsOf(model),
    wanted: model.wantedSources,
    chartMirror: model.charts.mirror,
  });
}

export function nodePackagesOf({ brings, image }: Pick<MachineProvider, 'brings' | 'image'>): NodePackages {
  if (brings === 'clusters') return 'brought';
  return image === null ? 'image' : 'inside';
}

/**
 * Where official images answer, a silent chart repository must not turn a platform into stand-ins behind one's back; `null` where they do no
 * harm: somebody told so, or there are no images for real charts either.
 */
export function standInHindrance(
  charts: SourceQuestion['charts'],
  told: Partial<SourceChoice>,
  imagesAnswer: () => boolean,
): string | null {
  const others = withoutReal(charts).map(({ name, version }) => `${name} ${version}`);
  const wanted = told.charts === 'offline' || told.images === 'offline';
  if (others.length === 0 || wanted || (told.images === undefined && !imagesAnswer())) return null;
  return `it has only stand-ins for ${others.join(', ')}; FLOTILLA_SOURCES=charts=offline takes them`;
}

const withoutReal = (charts: SourceQuestion['charts']) => charts.filter(({ name, version }) => stagedCharts[name] !== version);

/** Why offline cannot give a kind on this host, `null` when it can. */
function hindrance(kind: SourceKind, { provider, kubernetes }: SourceQuestion, told: Partial<SourceChoice>): string | null {
  const nodePackages = nodePackagesOf(provider);
  if (kind === 'packages' && nodePackages !== 'brought' && kubernetesPin(kubernetes, 'offline') === null)
    return `it has Kubernetes ${minorsOf('offline').join(', ')} only, the fleet asks for ${kubernetes}`;
  // Who tells so vouches for the image that the fleet names.
  if (kind === 'packages' && nodePackages === 'inside' && told.packages !== 'offline')
    return `machines of ${provider.id} are born without kubeadm; with an \`image\` that has it, say FLOTILLA_SOURCES=packages=offline`;
  const homeless = kind === 'images' ? withoutRegistry(provider.id, nodePackages) : null;
  if (homeless !== null) return homeless;
  if (kind === 'images' && process.platform !== 'linux') return 'pod images are made on Linux only';
  return onPath('go') ? null : 'Go 1.26 is not on PATH';
}

/** Why images that are made here would not get onto the nodes, `null` when they would. */
function withoutRegistry(provider: string, nodePackages: NodePackages): string | null {
  if (nodePackages === 'brought') return `nodes of ${provider} are an image of a public registry, and so are the images of its own pods`;
  if (nodePackages === 'image' || onPath('launchctl')) return null;
  return `machines of ${provider} would get them from a registry on this host, which launchd starts, and there is none here`;
}
