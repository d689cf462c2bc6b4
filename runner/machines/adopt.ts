import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Failure } from '../../config/failure';
import { packageRoot, projectRoot } from '../../config/package-root';
import { UserError } from '../../config/problem';
import { machineProviders } from '../../machines';
import { type Deployment, makeFolders } from '../deployment/deployment';
import { restoreDeployment } from '../deployment/record';
import { type Claim, claims, hostData, livingClaims, withClaimsLock, writeClaim } from '../host/claims';
import { takeLock } from '../lock';
import { hostScript } from './host-script';

export interface Adopted {
  readonly claim: Claim;
  readonly folder: string;
  readonly nodes: readonly string[];
  /** Machines that could not be taken over, with what was said. */
  readonly left: ReadonlyMap<string, string>;
}

/**
 * Makes the folder of a deployment again whose checkout is gone, from what its machines keep on this host. The fleet's SSH key was lost with the
 * folder: a new one is laid into each machine. State is not made here: `up` finds everything again, because its scripts look before they act.
 * @throws UserError when there is nothing to take over, or it is somebody's
 */
export async function adoptDeployment(uid: string, data = hostData): Promise<Adopted> {
  const claim = lostClaim(uid, data);
  // Before what its claim lacks: what nobody can take over, an older Flotilla need not have made.
  const script = adopterOf(claim.provider ?? 'nspawn', `"npx flotilla destroy --uid ${uid} --yes" removes what it left`);
  requireWhole(claim);
  const folder = join(projectRoot(), '.flotilla', claim.deployment);
  const machines = machinesOf(join(data, uid));
  const addresses = Object.fromEntries(machines.flatMap(({ node, address }) => (address === null ? [] : [[node, address]])));
  const { fleet, overlay, provider, network } = claim as Required<Claim>;
  withClaimsLock(() => {
    restoreDeployment(folder, { uid, fleet, overlay, provider, network, addresses });
    writeClaim({ ...claim, checkout: dirname(dirname(folder)) }, data);
  }, data);
  const lock = takeLock(join(folder, 'lock'), 'adopt').descriptor;
  makeFolders(folder);
  await hostScript('host/ssh-key.sh', { deployment: folder }, { lock });
  const left = new Map<string, string>();
  for (const { node } of machines)
    await hostScript(script, { deployment: folder, uid, node }, { lock }).catch((error: Failure) => left.set(node, error.message));
  return { claim, folder, nodes: machines.map(({ node }) => node).filter((node) => !left.has(node)), left };
}

/** Marks a machine of this deployment again that lost its mark. @throws Failure when the folder holds no machine of ours */
export async function adoptMachine({ model, folder, environment }: Deployment, node: string, lock: number): Promise<void> {
  const input = { deployment: folder, uid: model.uid, node, mark: true };
  const otherwise = 'or remove the machine with the tools of the provider: "npx flotilla up" makes it again';
  await hostScript(adopterOf(model.provider.id, otherwise), input, { environment, lock });
}

function lostClaim(uid: string, data: string): Claim {
  if (!/^[0-9a-f]{6}$/.test(uid)) throw new UserError(`uid "${uid}": a uid is six hex digits, "npx flotilla doctor" names it`);
  const claim = claims(data).find((one) => one.uid === uid);
  if (claim === undefined) {
    const known = claims(data).map((one) => `${one.uid} (${one.deployment} of ${one.checkout})`);
    throw new UserError(
      `uid "${uid}": no deployment of that uid is on this host; there ${known.length === 0 ? 'is none' : `are ${known.join(', ')}`}`,
    );
  }
  if (livingClaims(data).some((living) => living.uid === uid))
    throw new UserError(`uid "${uid}" is ${claim.deployment} of ${claim.checkout}, which is alive: work there, or destroy it there`);
  return claim;
}

function requireWhole({ uid, deployment, fleet, provider, network }: Claim): void {
  if (fleet !== undefined && provider !== undefined && network !== undefined) return;
  throw new UserError(
    `uid "${uid}": ${deployment} was made by an older Flotilla, whose claim does not tell its fleet and network; ` +
      `it cannot be taken over; "npx flotilla destroy --uid ${uid} --yes" removes what it left`,
  );
}

/** The provider's script that takes over a machine. @throws UserError where there is none */
function adopterOf(provider: string, otherwise: string): string {
  const scripts = machineProviders.find(({ id }) => id === provider)?.scripts;
  const script = `${scripts}/adopt.sh`;
  if (scripts !== undefined && existsSync(join(packageRoot(), 'scripts', script))) return script;
  throw new UserError(
    `machines of the provider "${provider}" cannot be taken over: their disks cannot be reached from this host, so the new SSH key cannot be laid in; ` +
      `put back a copy of the deployment folder; ${otherwise}`,
  );
}

/** Machines by their folders; what they were made with is beside them, except from an older Flotilla. */
function machinesOf(folder: string): readonly { readonly node: string; readonly address: string | null }[] {
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name: node }) => {
      const file = join(folder, node, 'node.json');
      return { node, address: existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as { address: string }).address : null };
    });
}
