import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { leaveOutScripts } from '../artifacts/charts/stubbed';
import { Failure } from '../config/failure';
import type { Chosen as Selection } from '../config/fleet-file';
import { projectRoot } from '../config/package-root';
import { machineProviders } from '../machines';
import type { ResolvedFleet } from '../model/resolved-fleet';
import { sayChart } from './cluster/stubs';
import { requireConsent } from './consent';
import { type Deployment, describeDeployment, makeFolders } from './deployment/deployment';
import { recordMadeClusters, refuseChangesOfMade } from './deployment/made-clusters';
import { deploymentOf, type KnownDeployment, namedDeployment } from './deployment/meant-deployment';
import { openDeployedFleet } from './deployment/open';
import { refuseForeignClusters } from './deployment/removals';
import { mirrorsOf, stageCharts } from './deployment/staged-charts';
import { addresses } from './host/checks';
import { claimHost, refuseCopy } from './host/claims';
import { networkFindings, requireFitHost } from './host/fitness';
import { decidedSources, planOf, settledPlan, settledSources } from './host/source-plan';
import { prepareSources, readSources, recordSources } from './host/sources';
import { requireBrought } from './host/user-secrets';
import { type Lock, takeLock } from './lock';
import { Journal } from './progress/journal';
import { mendStates } from './terraform/state-file';
import { synthesize, writeStacks } from './terraform/synthesize';
import { inTemporaryFolder } from './terraform/temporary-folder';

/** A deployment on which nobody else works meanwhile. */
export interface Session {
  readonly deployment: Deployment;
  readonly journal: Journal;
  readonly lock: Lock;
  /** Sentences about scripts that are left out because software is not there. */
  readonly notRun: readonly string[];
}

const wantedBy = (selection: Selection) => ({ root: projectRoot(), ...selection, busyCidrs: addresses().map(({ cidr }) => cidr) });

/** The deployment as it is, for verbs that only look. Writes nothing. */
export function lookAt(selection: Selection): Deployment {
  const { model, folder } = openDeployedFleet({ ...wantedBy(selection), chooseSources: settledSources, create: false });
  return describe(model, folder);
}

/** The deployment and its lock, for verbs that work on machines that there are. @throws Failure where there are none */
export function workOn(selection: Selection, verb: string): Session {
  const deployment = lookAt(selection);
  if (readSources(deployment.folder) === null)
    throw new Failure(`${deployment.model.deployment} has no machines yet: run "npx flotilla up"`);
  return locked(deployment, verb, new Journal());
}

/** What a person agreed to beforehand. */
export interface Agreed {
  /** The deployment's fleet file is at a different place now. @default false */
  readonly moved?: boolean;
  /** Clusters that left the fleet file may be deleted without a question. @default false */
  readonly removals?: boolean;
}

/**
 * Everything that Terraform needs: host checked, lock taken, sources prepared, stacks synthesized. Nothing is created before the fleet file
 * and the host are found to be good.
 * @param print where the steps are told
 * @throws UserError for what is wrong with the input, Failure for what is wrong with the host
 */
export async function prepareFor(
  selection: Selection,
  verb: string,
  print?: (line: string) => void,
  { moved = false, removals = false }: Agreed = {},
): Promise<Session> {
  const open = (create: boolean) => openDeployedFleet({ ...wantedBy(selection), chooseSources: decidedSources, create, moved });
  const look = () => open(false);
  const preview = look();
  printWarnings(preview.model);
  if (verb === 'up') requireBrought(preview.model, preview.folder);
  // Faults are printed with all other faults of the host.
  for (const { verdict, found, remedy } of networkFindings(preview.model, preview.folder))
    if (verdict === 'warning') console.error(`warning: ${found}: ${remedy}`);
  refuseForeignClusters(preview);
  refuseChangesOfMade(preview);
  if (verb === 'up') await requireConsent(preview, removals);
  requireFit(preview, look);
  mkdirSync(preview.folder, { recursive: true, mode: 0o700 });
  const lock = takeLock(join(preview.folder, 'lock'), verb);
  // Under the lock: two first runs must not both decide who this deployment is.
  const { model, folder } = claimHost(preview.folder, () => open(true));
  const { plan } = planOf(model, folder);
  recordSources(folder, await prepareSources(plan), plan);
  makeFolders(folder);
  recordMadeClusters({ model, folder });
  const journal = new Journal(print);
  for (const sentence of mendStates(folder)) journal.note(sentence);
  const step = journal.begin('fleet', 'synth', 'synthesize');
  const { deployment, standIns, notRun } = synthesizeInto(folder, model, folder, plan);
  journal.end(step);
  if (standIns.length > 0)
    journal.note(`STAND-INS take the place of ${standIns.length} charts, which cannot be had here: ${standIns.join('; ')}`);
  for (const sentence of notRun) journal.note(sentence);
  return { deployment, journal, lock, notRun };
}

function printWarnings({ warnings, notes }: ResolvedFleet): void {
  for (const warning of warnings) console.error(`warning: ${warning}`);
  for (const note of notes) console.error(`note: ${note}`);
}

/** Charts and stacks of a deployment, written into a folder. Asks no network and prepares nothing. @param records folder with the deployment's records */
function synthesizeInto(folder: string, model: ResolvedFleet, records: string, plan: Parameters<typeof stageCharts>[3]) {
  const charts = stageCharts(model, folder, mirrorsOf({ model, folder: records }), plan);
  const heard = leaveOutScripts(model, charts.standIns);
  const deployment = describe(heard.model, folder);
  synthesize(deployment, charts.folder);
  const standIns = charts.standIns.map(({ name, version, program }) => sayChart(`${name} ${version}`, program?.runs));
  return { deployment, standIns, notRun: heard.notRun };
}

/** A deployment whose stacks are there to be planned. */
export interface Preview {
  readonly deployment: Deployment;
  /** Whether `up` or `prepare` recorded the deployment's sources. */
  readonly isPrepared: boolean;
}

/**
 * Runs `look` on the stacks of a deployment. Asks no network, needs no root and builds nothing. A deployment that was never prepared is previewed in a temporary
 * folder, which is removed afterwards, also when `look` fails; nothing is recorded.
 * @throws UserError for what is wrong with the input
 */
export async function withPreview<T>(selection: Selection, verb: string, look: (preview: Preview) => Promise<T>): Promise<T> {
  const { model, folder } = openDeployedFleet({ ...wantedBy(selection), chooseSources: settledSources, create: false });
  printWarnings(model);
  for (const { verdict, found, remedy } of networkFindings(model, folder))
    if (verdict !== 'ok') console.error(`warning: ${found}: ${remedy}`);
  refuseForeignClusters({ model, folder });
  refuseChangesOfMade({ model, folder });
  const lookIn = (into: string, isPrepared: boolean): Promise<T> => {
    makeFolders(into);
    return look({ deployment: synthesizeInto(into, model, folder, settledPlan(model)).deployment, isPrepared });
  };
  if (readSources(folder) === null) return inTemporaryFolder('flotilla-preview-', (into) => lookIn(into, false));
  takeLock(join(folder, 'lock'), verb);
  return lookIn(folder, true);
}

/** The deployment with its stacks synthesized into its own folder. A new deployment is recorded, but not prepared. Asks no network. */
export function openForSynthesis(selection: Selection): Deployment {
  const open = (create: boolean) => openDeployedFleet({ ...wantedBy(selection), chooseSources: settledSources, create });
  const preview = open(false);
  refuseForeignClusters(preview);
  refuseChangesOfMade(preview);
  mkdirSync(preview.folder, { recursive: true, mode: 0o700 });
  takeLock(join(preview.folder, 'lock'), 'synth');
  const { model, folder } = claimHost(preview.folder, () => open(true));
  makeFolders(folder);
  mendStates(folder);
  return synthesizeInto(folder, model, folder, settledPlan(model)).deployment;
}

/** The stacks of a fleet in any folder, as a new deployment would have them on any host. @param out does not exist, is empty, or holds an earlier result */
export async function synthesizeTo(selection: Selection, out: string): Promise<ResolvedFleet> {
  const { model, folder } = openDeployedFleet({
    root: projectRoot(),
    ...selection,
    busyCidrs: [],
    chooseSources: settledSources,
    create: false,
  });
  mkdirSync(out, { recursive: true });
  await inTemporaryFolder('flotilla-synth-', async (work) => {
    const charts = stageCharts(model, work, mirrorsOf({ model, folder }), settledPlan(model));
    const heard = leaveOutScripts(model, charts.standIns);
    writeStacks({ model: heard.model, file: join(work, 'model.json'), outdir: out, chartMirror: charts.folder, environment: process.env });
  });
  return model;
}

type Opened = ReturnType<typeof openDeployedFleet>;

/** A new deployment whose network another checkout took after we had looked is asked about the one that it would get now. @throws Failure */
export function requireFit(preview: Opened, look: () => Opened, require = requireFitHost): void {
  try {
    require(preview.model, preview.folder);
  } catch (error) {
    const now = look();
    if (!(error instanceof Failure) || now.model.network.cidr === preview.model.network.cidr) throw error;
    requireFit(now, look, require);
  }
}

/**
 * The deployment as it was when it was last worked on, for taking it down: needs no good fleet file, no free disk and no preparation.
 * @param name of the deployment, where a person gave it in place of a fleet file
 * @returns `null` when there is none
 * @throws UserError when it is not certain which deployment is meant
 */
export function lastKnown(selection: Selection, verb: string, name?: string): Session | null {
  const known = name === undefined ? deploymentOf(selection, lookAt) : namedDeployment(name);
  if (known === null) return null;
  makeFolders(known.folder);
  const deployment = describe(lastModel(known), known.folder);
  return locked(deployment, verb, new Journal());
}

function lastModel({ folder, selection }: KnownDeployment): ResolvedFleet {
  const file = join(folder, 'model.json');
  return existsSync(file) ? withOwnScripts(JSON.parse(readFileSync(file, 'utf8')) as ResolvedFleet) : lookAt(selection).model;
}

/** A recorded model with the scripts of this Flotilla: an older one may have written it, whose scripts have other names. */
export function withOwnScripts(model: ResolvedFleet): ResolvedFleet {
  const own = machineProviders.find(({ id }) => id === model.provider.id);
  if (own === undefined) return model;
  const { scripts, hostScripts } = own;
  return { ...model, provider: { ...model.provider, scripts, hostScripts } };
}

function locked(deployment: Deployment, verb: string, journal: Journal): Session {
  refuseCopy({ uid: deployment.model.uid, folder: deployment.folder });
  const lock = takeLock(join(deployment.folder, 'lock'), verb);
  for (const sentence of mendStates(deployment.folder)) journal.note(sentence);
  return { deployment, journal, lock, notRun: [] };
}

function describe(model: ResolvedFleet, folder: string): Deployment {
  const sources = readSources(folder);
  return describeDeployment(model, folder, sources?.bin ?? null, sources?.terraformConfig ?? null);
}
