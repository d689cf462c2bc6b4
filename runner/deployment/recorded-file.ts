import { existsSync, realpathSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { packageRoot } from '../../config/package-root';

/** Marks a fleet file that comes with the installed package: the package's own folder changes with every version. */
const ofPackage = 'flotilla:';

/**
 * The path by which a deployment recognises its fleet file: relative to the checkout, so that the checkout can be moved; symbolic links are
 * resolved. A file that does not exist has a path too.
 * @param root the checkout
 */
export function fleetFilePath(root: string, file: string): string {
  const [from, to, shipped] = [real(root), real(file), real(packageRoot())];
  const inPackage = relative(shipped, to);
  return from !== shipped && !inPackage.startsWith('..') ? `${ofPackage}${inPackage}` : relative(from, to);
}

/** A recorded path as a person can give it to `--fleet`: absolute, or the name of a fleet of the installed package. */
export const fleetFileArgument = (root: string, path: string): string =>
  path.startsWith(ofPackage) ? path.slice(ofPackage.length).replace(/^fleets\/(.*)\.yaml$/, '$1') : resolve(root, path);

/** The native call also gives the letters' case as a file system that ignores case keeps it. */
function real(path: string): string {
  const absolute = resolve(path);
  if (existsSync(absolute)) return realpathSync.native(absolute);
  const parent = dirname(absolute);
  return parent === absolute ? absolute : join(real(parent), relative(parent, absolute));
}
