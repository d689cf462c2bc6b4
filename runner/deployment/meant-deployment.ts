import { existsSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { Chosen as Selection } from '../../config/fleet-file';
import { loadFleet } from '../../config/load';
import { projectRoot } from '../../config/package-root';
import { UserError } from '../../config/problem';
import type { DeploymentRecord } from '../../model/deployment-identity';
import type { ResolvedFleet } from '../../model/resolved-fleet';
import { pathsIn } from './folder';
import { readDeployment } from './record';
import { fleetFileArgument, fleetFilePath } from './recorded-file';
import { refuseForeignClusters } from './removals';

/** A deployment that has a record, and how a person selects it. */
export interface KnownDeployment {
  readonly folder: string;
  readonly selection: Selection;
}

interface Recorded extends KnownDeployment {
  readonly name: string;
  /** Name of the fleet. */
  readonly fleet: string;
  /** `null` in a record that an older Flotilla wrote. */
  readonly file: string | null;
}

/** The deployments of this checkout whose record can be read. */
export function recordedDeployments(root = projectRoot()): readonly Recorded[] {
  return pathsIn(join(root, '.flotilla')).flatMap((folder) => {
    const record = readableRecord(folder);
    if (record === null) return [];
    const { fleet, overlay, file = null } = record;
    const selection = { fleet: file === null ? fleet : fleetFileArgument(root, file), overlay };
    return [{ name: basename(folder), folder, selection, fleet, file }];
  });
}

function readableRecord(folder: string): DeploymentRecord | null {
  try {
    return readDeployment(folder);
  } catch (error) {
    if (error instanceof UserError) return null;
    throw error;
  }
}

/** The deployment of this name. @throws UserError with the names that there are, or with what is wrong with its record */
export function namedDeployment(name: string, root = projectRoot()): KnownDeployment {
  const all = recordedDeployments(root);
  const found = all.find((one) => one.name === name);
  if (found !== undefined) return found;
  const unreadable = pathsIn(join(root, '.flotilla')).find((folder) => basename(folder) === name);
  if (unreadable !== undefined) readDeployment(unreadable);
  throw new UserError(`--deployment ${name}: this checkout has no such deployment; ${sayDeployments(all)}`);
}

/**
 * The deployment that a selection means, for a verb that deletes; `null` when there is none. A fleet file that breaks a rule will do where it is the
 * recorded one and has the recorded name: a fleet can be taken down although its file was edited.
 * @param look opens a deployment without writing anything
 * @throws UserError when it is not certain which one is meant
 */
export function deploymentOf(
  selection: Selection,
  look: (selection: Selection) => { readonly model: ResolvedFleet; readonly folder: string },
  root = projectRoot(),
): KnownDeployment | null {
  try {
    const found = look(selection);
    refuseForeignClusters(found);
    return existsSync(join(found.folder, 'deployment.json')) ? { folder: found.folder, selection } : null;
  } catch (error) {
    // A refusal that gives this remedy has found the deployment, and that it belongs to a different file.
    if (!(error instanceof UserError) || error.message.includes('destroy --deployment')) throw error;
    const all = recordedDeployments(root);
    const certain = all.filter((one) => isMeant(one, selection, root));
    if (certain.length === 1) return { folder: certain[0]!.folder, selection };
    if (all.length === 0) throw error;
    throw new UserError(
      `${error.message}\nso it is not certain which deployment is meant, and nothing was touched: name it with --deployment NAME; ${sayDeployments(all)}`,
    );
  }
}

function isMeant({ file, fleet, selection: { overlay } }: Recorded, selection: Selection, root: string): boolean {
  if (file === null || overlay !== selection.overlay) return false;
  try {
    const loaded = loadFleet({ root, ...selection });
    return loaded.spec !== null && loaded.name === fleet && fleetFilePath(root, loaded.file) === file;
  } catch (error) {
    if (error instanceof UserError) return false;
    throw error;
  }
}

const sayDeployments = (all: readonly Recorded[]): string =>
  all.length === 0 ? 'it has none' : `there are ${all.map(({ name, file }) => `${name}${file === null ? '' : ` (${file})`}`).join(', ')}`;
