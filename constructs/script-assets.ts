import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { dirname, isAbsolute, join, relative, resolve } from 'node:path';
import { App, AssetType, TerraformAsset, type TerraformStack } from 'cdktf';
import { packageRoot } from '../config/package-root';

/**
 * The command's path of a script inside the synthesized stack. The folder is copied beside the stack once, so that `cdktf.out` runs anywhere.
 * @param script a path below `scripts/`, or an absolute path, whose folder is then copied
 * @throws Error when the output lies in that folder, which would be copied into itself without end
 */
export function shipScript(stack: TerraformStack, script: string): string {
  const file = scriptFile(script);
  const [folder, id] = isAbsolute(script) ? [dirname(file), `scripts-${digest(dirname(file)).slice(0, 8)}`] : [scriptsFolder(), 'scripts'];
  const output = App.of(stack).outdir;
  if (!/^\.\.([\\/]|$)/.test(relative(folder, resolve(output))))
    throw new Error(
      `${script} is beside the output ${output}, and its whole folder is shipped: move it into a folder that holds scripts only`,
    );
  const asset =
    (stack.node.tryFindChild(id) as TerraformAsset | undefined) ??
    new TerraformAsset(stack, id, { path: folder, type: AssetType.DIRECTORY });
  return `${asset.path}/${relative(folder, file)}`;
}

/** A hash of the scripts and of all that they source, followed along their `# shellcheck source=` lines. */
export function hashScripts(scripts: readonly string[]): string {
  const seen = new Map<string, string>();
  const visit = (file: string): void => {
    if (seen.has(file)) return;
    const text = readFileSync(file, 'utf8');
    seen.set(file, text);
    for (const [, source] of text.matchAll(/^\s*# shellcheck source=(\S+)$/gm))
      if (source !== '/dev/null') visit(join(dirname(file), source!));
  };
  for (const script of scripts) visit(scriptFile(script));
  return digest([...seen.values()].join('\0'));
}

const scriptsFolder = (): string => join(packageRoot(), 'scripts');
const scriptFile = (script: string): string => (isAbsolute(script) ? script : join(scriptsFolder(), script));
const digest = (text: string): string => createHash('sha256').update(text).digest('hex');
