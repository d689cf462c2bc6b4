import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Where machines of all deployments of this host keep their data, each below its uid. */
export const hostData = '/var/lib/flotilla';

/** Who says that a uid on this host is theirs, as lab-up.sh wrote it. */
export interface Claim {
  readonly uid: string;
  readonly deployment: string;
  readonly checkout: string;
}

/** Claims whose deployment is still there to be destroyed by its own checkout. */
export const livingClaims = (folder: string): readonly Claim[] => claims(folder).filter(isLiving);

/** Claims that nobody can answer for any more. */
export const lostClaims = (folder: string): readonly Claim[] => claims(folder).filter((claim) => !isLiving(claim));

const claims = (folder: string): readonly Claim[] =>
  (existsSync(folder) ? readdirSync(folder) : []).flatMap((uid) => readJson<Claim>(join(folder, uid, 'owner.json')) ?? []);

const isLiving = ({ uid, deployment, checkout }: Claim): boolean =>
  readJson<{ uid: string }>(join(checkout, '.flotilla', deployment, 'deployment.json'))?.uid === uid;

function readJson<T>(file: string): T | null {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return null;
  }
}
