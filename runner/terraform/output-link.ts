import { copyFileSync, existsSync, lstatSync, mkdirSync, readFileSync, readlinkSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { UserError } from '../../config/problem';
import type { Deployment } from '../deployment/deployment';

/**
 * Makes `link` (e.g. `cdktf.out` in the checkout) lead to the deployment's own output folder. Two deployments never share one: relative paths in
 * the stacks lead from there to the deployment's state.
 * @throws UserError when something that is no link is in the way
 */
export function linkOutput(link: string, output: string): void {
  if (!isLinkOrNothing(link))
    throw new UserError(
      `${link} is no link: Flotilla's stacks are in ${output}, to which it wants to lead; move what is there away, or choose another --output`,
    );
  const target = relative(dirname(link), output);
  if (readLink(link) === target) return;
  const half = `${link}.${process.pid}`;
  rmSync(half, { force: true });
  symlinkSync(target, half);
  renameSync(half, link);
}

/** Whether `linkOutput` would succeed. */
export const isLinkOrNothing = (path: string): boolean => lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() ?? true;

/**
 * What lets plain `terraform init` find the providers: a folder that Terraform looks into by itself when it is started in the stack's folder, and
 * `terraform.rc` for a start from elsewhere (`-chdir`, a copy).
 */
export function pointAtProviders({ folder, model }: Deployment): void {
  const output = join(folder, 'cdktf.out');
  const configuration = join(folder, 'terraform.rc');
  if (!existsSync(configuration)) return;
  copyFileSync(configuration, join(output, 'terraform.rc'));
  const mirror = /filesystem_mirror\s*\{[^}]*\bpath\s*=\s*("(?:[^"\\]|\\.)*")/.exec(readFileSync(configuration, 'utf8'))?.[1];
  for (const { name } of model.stacks) lookThere(join(output, 'stacks', name), mirror === undefined ? null : JSON.parse(mirror));
}

function lookThere(stack: string, mirror: string | null): void {
  const link = join(stack, 'terraform.d', 'plugins');
  const before = readLink(link);
  if (before === mirror) return;
  rmSync(link, { force: true });
  // The same version may have been built anew: the checksums of the old build would refuse it.
  if (before !== null) rmSync(join(stack, '.terraform.lock.hcl'), { force: true });
  if (mirror === null) return;
  mkdirSync(dirname(link), { recursive: true });
  symlinkSync(mirror, link);
}

const readLink = (path: string): string | null =>
  lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() ? readlinkSync(path) : null;
