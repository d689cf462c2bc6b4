import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { suggestion } from './nearest';
import { packageRoot } from './package-root';
import { UserError } from './problem';
import { showName } from './shown';

/** Which deployment a person means. */
export interface Chosen {
  readonly fleet: string;
  readonly overlay: string | null;
}

/** The fleet and overlay that options and environment name; a variable that is set and empty counts as unset. @throws UserError for an empty option */
export function chooseFleet(options: Partial<Chosen> = {}, environment: NodeJS.ProcessEnv = process.env): Chosen {
  if (options.fleet === '') throw new UserError('--fleet "": names no fleet; write a name such as lab, or leave it out');
  if (options.overlay === '') throw new UserError('--overlay "": names no overlay; write a name such as small, or leave it out');
  return {
    fleet: options.fleet ?? (environment.FLOTILLA_FLEET || 'lab'),
    overlay: options.overlay ?? (environment.FLOTILLA_OVERLAY || null),
  };
}

export interface FleetFile {
  readonly file: string;
  readonly text: string;
}

/** Text of `<root>/fleets/<fleet>.yaml`, or of a path that ends in .yaml. @throws UserError when it cannot be read */
export function readFleetFile(root: string, fleet: string): FleetFile {
  if (/\.ya?ml$/.test(fleet)) return readNamed('fleet', fleet, fleet);
  if (/^\/|(?:^|\/)\.\.?(?:\/|$)|[\p{Cc}\\]/u.test(fleet))
    throw new UserError(`fleet "${showName(fleet)}": is neither a name below fleets/ nor a path that ends in .yaml; write one of the two`);
  return readNamed('fleet', fleet, find(root, `${fleet}.yaml`));
}

/** Text of `<root>/fleets/overlays/<overlay>.yaml`. @throws UserError when it cannot be read, or when the name is a path */
export function readOverlayFile(root: string, overlay: string): FleetFile {
  if (!/^[A-Za-z0-9](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9])?$/.test(overlay)) {
    const rule = 'an overlay is the name of a file in fleets/overlays/, of letters, digits, - and _';
    throw new UserError(`overlay "${showName(overlay)}": ${rule}; put the file there and write its name without .yaml`);
  }
  return readNamed('overlay', overlay, find(root, join('overlays', `${overlay}.yaml`)));
}

/** What the root lacks is taken from the fleets that come with Flotilla. */
const find = (root: string, path: string): string =>
  [root, packageRoot()].map((folder) => join(folder, 'fleets', path)).find(existsSync) ?? join(root, 'fleets', path);

function readNamed(kind: 'fleet' | 'overlay', name: string, file: string): FleetFile {
  const refuse = (rule: string, remedy: string): never => {
    throw new UserError(`${kind} "${showName(name)}": ${rule}; ${remedy}`);
  };
  if (!existsSync(file)) {
    const known = namesIn(dirname(file));
    refuse(`there is no ${mentionFile(file)}`, known.length === 0 ? 'name a YAML file that exists' : suggestion(name, known));
  }
  if (!statSync(file).isFile()) refuse(`${mentionFile(file)} is not a file`, 'name a YAML file');
  const bytes = readBytes(file) ?? refuse(`${mentionFile(file)} cannot be read`, 'give yourself the right to read it');
  if (bytes.includes(0)) refuse(`${mentionFile(file)} is not text`, 'save it as YAML in UTF-8');
  try {
    return { file, text: new TextDecoder('utf-8', { fatal: true }).decode(bytes) };
  } catch {
    return refuse(`${mentionFile(file)} is not text in UTF-8`, 'save it in UTF-8');
  }
}

function readBytes(file: string): Buffer | null {
  try {
    return readFileSync(file);
  } catch {
    return null;
  }
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder)
      .filter((entry) => /\.ya?ml$/.test(entry))
      .map((entry) => entry.replace(/\.ya?ml$/, ''));
  } catch {
    return [];
  }
}

/** A path with the names in it that may be shown. */
const mentionFile = (file: string): string => file.split('/').map(showName).join('/');
