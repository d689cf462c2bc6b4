import { closeSync, existsSync, mkdirSync, openSync, readdirSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { flock } from '../../artifacts/flock';
import { overlap } from '../../config/cidr';
import { Failure } from '../../config/failure';
import type { ResolvedFleet } from '../../model/resolved-fleet';
import { writeAtOnce } from '../deployment/write-atomically';

/** Where machines of all deployments of this host keep their data, each below its uid; as host_data of scripts/lib/deployment.sh. */
export const hostData = process.env.FLOTILLA_HOST_DATA || ofThisHost();

function ofThisHost(): string {
  if (process.getuid?.() === 0) return '/var/lib/flotilla';
  return join(homedir(), ...(process.platform === 'darwin' ? ['Library', 'Application Support'] : ['.local', 'share']), 'flotilla');
}

/** Who says that a uid on this host is theirs. nspawn/host-claim.sh writes it too; older ones lack what is optional. */
export interface Claim {
  readonly uid: string;
  /** `<fleet>@<provider>` */
  readonly deployment: string;
  readonly checkout: string;
  readonly fleet?: string;
  readonly overlay?: string | null;
  readonly provider?: string;
  /** Taken also while its bridge is down. */
  readonly network?: string;
}

/** All claims on this host, living or lost. */
export const claims = (folder: string): readonly Claim[] =>
  (existsSync(folder) ? readdirSync(folder) : []).flatMap((uid) => readJson<Claim>(join(folder, uid, 'owner.json')) ?? []);

/** Claims whose deployment is still there to be destroyed by its own checkout. */
export const livingClaims = (folder: string): readonly Claim[] => claims(folder).filter(isLiving);

/** Claims that nobody can answer for any more. */
export const lostClaims = (folder: string): readonly Claim[] => claims(folder).filter((claim) => !isLiving(claim));

const folderOf = ({ checkout, deployment }: Claim): string => join(checkout, '.flotilla', deployment);

const isLiving = (claim: Claim): boolean => readJson<{ uid: string }>(join(folderOf(claim), 'deployment.json'))?.uid === claim.uid;

export interface Contest {
  readonly found: string;
  readonly remedy: string;
}

interface Ours {
  readonly uid: string;
  /** The deployment's folder. */
  readonly folder: string;
}

/** Whether this folder is a copy of a deployment that lives elsewhere: its machines are not ours then. `null` when it is not. */
export function copyOf(data: string, { uid, folder }: Ours): Contest | null {
  const claim = livingClaims(data).find((living) => living.uid === uid && real(folderOf(living)) !== real(folder));
  if (claim === undefined) return null;
  return {
    found: `uid ${uid} is ${claim.deployment} of ${claim.checkout}, and ${folder} says the same of itself`,
    remedy: `one of the two is a copy: delete ${folder} and run "npx flotilla up" for machines of its own, or work in ${claim.checkout}`,
  };
}

/** Why a deployment cannot have its uid or its network on this host, `null` when nothing speaks against it. */
export function contest(data: string, ours: Ours & { readonly network: string }): Contest | null {
  const copied = copyOf(data, ours);
  if (copied !== null) return copied;
  const other = claims(data).find(({ uid, network }) => uid !== ours.uid && network !== undefined && overlap(network, ours.network));
  if (other === undefined) return null;
  const lost = isLiving(other) ? '' : ', whose folder is gone';
  return {
    found: `the network ${ours.network} is held by ${other.deployment} (uid ${other.uid}) of ${other.checkout}${lost}`,
    remedy:
      lost === ''
        ? `take one of the two down: the other with "npx flotilla destroy --deployment ${other.deployment}" in ${other.checkout}; a new deployment takes a free network unless its fleet file names one`
        : `"npx flotilla destroy --uid ${other.uid} --yes" removes what it left, "npx flotilla adopt --uid ${other.uid}" takes it over`,
  };
}

/** @throws Failure when the deployment in this folder is a copy of one that lives elsewhere */
export function refuseCopy(ours: Ours, data = hostData): void {
  const copied = copyOf(data, ours);
  if (copied !== null) throw new Failure(`${copied.found}\n  ${copied.remedy}`);
}

/**
 * Opens a deployment and writes its claim, while nobody else on this host does: two checkouts that choose a network at the same moment get two.
 * Only deployments that claim this host by nspawn/host-claim.sh leave one; a bridge of theirs need not exist yet.
 * @throws Failure when uid or network are another one's
 */
export function claimHost<T extends { readonly model: ResolvedFleet; readonly folder: string }>(
  folder: string,
  open: () => T,
  data = hostData,
): T {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return open();
  return withClaimsLock(() => {
    const record = join(folder, 'deployment.json');
    const isNew = !existsSync(record);
    const opened = open();
    const { uid, provider, network, deployment } = opened.model;
    if (provider.hostScripts.claim !== 'host/nspawn/host-claim.sh') return opened;
    const contested = contest(data, { uid, folder, network: network.cidr });
    if (contested !== null) {
      // Not recorded yet anywhere else: the next try may choose anew.
      if (isNew) rmSync(record, { force: true });
      throw new Failure(`${contested.found}\n  ${contested.remedy}`);
    }
    const { fleet, overlay } = JSON.parse(readFileSync(record, 'utf8')) as { fleet: string; overlay: string | null };
    const checkout = dirname(dirname(realpathSync(folder)));
    writeClaim({ uid, deployment, checkout, fleet, overlay, provider: provider.id, network: network.cidr }, data);
    return opened;
  }, data);
}

/** Writes a claim at once. To be called under the claims' lock. */
export function writeClaim(claim: Claim, data = hostData): void {
  const file = join(data, claim.uid, 'owner.json');
  mkdirSync(dirname(file), { recursive: true });
  writeAtOnce(file, `${JSON.stringify(claim, null, 2)}\n`, { flush: true });
}

/** Runs under the one lock of all claims of this host, which nspawn/host-claim.sh takes too. @throws Failure when another holds it for 30 s */
export function withClaimsLock<T>(run: () => T, data = hostData): T {
  const file = process.env.FLOTILLA_HOST_DATA || data !== '/var/lib/flotilla' ? `${data}.lock` : '/run/lock/flotilla.lock';
  mkdirSync(dirname(file), { recursive: true });
  const descriptor = openSync(file, 'a');
  try {
    if (!flock(descriptor, 30))
      throw new Failure(`${file} is held by another for 30 s: "fuser -v ${file}" names it; end it and run this again`);
    return run();
  } finally {
    closeSync(descriptor);
  }
}

function real(folder: string): string {
  return existsSync(folder) ? realpathSync(folder) : folder;
}

function readJson<T>(file: string): T | null {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return null;
  }
}
