import { createHash } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { dirname, isAbsolute, join, relative, resolve } from 'node:path';
import { App, AssetType, TerraformAsset, type TerraformStack, Token } from 'cdktf';
import { packageRoot } from '../config/package-root';
import { escapeTemplate } from './escape';

/**
 * The command's path of a script inside the synthesized stack, quoted where a shell needs it. The folder is copied beside the stack once, so that `cdktf.out`
 * runs anywhere.
 * @param script as `scriptFaults` lets it pass
 * @throws Error when the output lies in that folder, which would be copied into itself without end
 */
export function shipScript(stack: TerraformStack, script: string): string {
  const file = scriptFile(script);
  const folder = shippedFolder(script);
  const id = isAbsolute(script) ? `scripts-${digest(folder).slice(0, 8)}` : 'scripts';
  const output = App.of(stack).outdir;
  if (!/^\.\.([\\/]|$)/.test(relative(folder, resolve(output))))
    throw new Error(
      `${script} is beside the output ${output}, and its whole folder is shipped: move it into a folder that holds scripts only`,
    );
  const asset =
    (stack.node.tryFindChild(id) as TerraformAsset | undefined) ??
    new TerraformAsset(stack, id, { path: folder, type: AssetType.DIRECTORY });
  return quoted(`${asset.path}/${relative(folder, file)}`);
}

/** Why scripts cannot be shipped, a sentence each: every file has to be in the folder that is copied, and what they source too. */
export function scriptFaults(prop: string, scripts: readonly string[]): readonly string[] {
  return scripts.flatMap((script) => {
    if (typeof script !== 'string' || Token.isUnresolved(script))
      return [
        `${prop} is a Terraform reference, and it has to be known when the app is synthesized: the file is copied then; pass a literal path`,
      ];
    const folder = shippedFolder(script);
    if (isOutside(folder, scriptFile(script)))
      return [
        `${prop} ${script} leads out of Flotilla's scripts/, which is all that is shipped; for a script of the app write its absolute path, e.g. path.join(__dirname, 'scripts', 'greet.sh')`,
      ];
    if (!isFile(scriptFile(script)))
      return [`${prop} ${script} is no file; write a path below Flotilla's scripts/, or an absolute path of a script of the app`];
    return sourcesOf(scriptFile(script)).flatMap((source) => {
      if (isOutside(folder, source))
        return [`${prop} ${script} sources ${source}, which is not shipped, because it is not below ${folder}; move it there`];
      return isFile(source) ? [] : [`${prop} ${script} sources ${source}, which is no file; correct its line "# shellcheck source="`];
    });
  });
}

/** A hash of the scripts and of all that they source. */
export function hashScripts(scripts: readonly string[]): string {
  const files = new Set(scripts.flatMap((script) => [scriptFile(script), ...sourcesOf(scriptFile(script))]));
  return digest([...files].map((file) => readFileSync(file, 'utf8')).join('\0'));
}

/** All that a script sources, followed along `# shellcheck source=` lines, in the order in which they are met. */
function sourcesOf(script: string): readonly string[] {
  const seen = new Set<string>([script]);
  const visit = (file: string): void => {
    if (!isFile(file)) return;
    for (const [, source] of readFileSync(file, 'utf8').matchAll(/^\s*# shellcheck source=(\S+)$/gm)) {
      const found = join(dirname(file), source!);
      if (source === '/dev/null' || seen.has(found)) continue;
      seen.add(found);
      visit(found);
    }
  };
  visit(script);
  return [...seen].slice(1);
}

/** As a word of a shell command in a Terraform template. */
function quoted(path: string): string {
  return /^[\w./:@%+=-]+$/.test(path) ? path : escapeTemplate(`'${path.replaceAll("'", "'\\''")}'`);
}

const shippedFolder = (script: string): string => (isAbsolute(script) ? dirname(script) : scriptsFolder());
const isOutside = (folder: string, file: string): boolean => /^\.\.([\\/]|$)/.test(relative(folder, file));
const isFile = (file: string): boolean => statSync(file, { throwIfNoEntry: false })?.isFile() ?? false;
const scriptsFolder = (): string => join(packageRoot(), 'scripts');
const scriptFile = (script: string): string => (isAbsolute(script) ? script : join(scriptsFolder(), script));
const digest = (text: string): string => createHash('sha256').update(text).digest('hex');
