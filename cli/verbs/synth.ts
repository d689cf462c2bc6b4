import { existsSync, lstatSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { Failure } from '../../config/failure';
import { projectRoot } from '../../config/package-root';
import { UserError } from '../../config/problem';
import type { ResolvedFleet } from '../../model/resolved-fleet';
import type { Deployment } from '../../runner/deployment/deployment';
import { namesIn } from '../../runner/deployment/folder';
import { readSources } from '../../runner/host/sources';
import { openForSynthesis, synthesizeTo } from '../../runner/session';
import { linkOutput } from '../../runner/terraform/output-link';
import { keepCopy } from '../../runner/terraform/stack-run';
import { terraform } from '../../runner/terraform/terraform';
import { defineVerb } from '../verb';

export const synth = defineVerb<{ out?: string }>({
  name: 'synth',
  summary: 'Write the stacks as Terraform JSON; asks no network, needs no root and builds nothing',
  example: 'npx flotilla synth --fleet trio --out /tmp/trio    # without --out: to cdktf.out, for cdktf and plain terraform',
  options: [['--out <folder>', 'write the stacks there and nothing elsewhere; the folder is new, empty, or an earlier result']],
  run: async ({ selection, options: { out } }) => {
    if (process.env.SYNTH_HCL_OUTPUT === 'true')
      throw new UserError('--hcl: Flotilla reads its stacks as JSON, and HCL beside it would define every block twice; leave --hcl out');
    if (out !== undefined) {
      if (out === '') throw new UserError('--out "": names no folder; name a new or an empty one');
      const folder = resolve(out);
      refuseOtherContent(out, folder);
      listStacks(await synthesizeTo(selection, folder), folder);
      return 0;
    }
    const output = resolve(process.env.CDKTF_OUTDIR || join(projectRoot(), 'cdktf.out'));
    const before = namesIn(join(output, 'stacks'));
    const deployment = openForSynthesis(selection);
    const { folder, model } = deployment;
    linkOutput(output, join(folder, 'cdktf.out'));
    // cdktf deletes the folders of stacks that are gone, and fails when one does not exist.
    if (process.env.CDKTF_OUTDIR) for (const stack of before) mkdirSync(join(output, 'stacks', stack), { recursive: true });
    // `up` does the same before it plans: the caller may go on with an apply.
    for (const note of namesIn(join(folder, 'tearing-down'))) rmSync(join(folder, 'tearing-down', note));
    for (const { name } of model.stacks) keepCopy(deployment, name);
    listStacks(model, output);
    if (readSources(folder) === null)
      console.log('to apply them with cdktf or terraform, run "npx flotilla prepare" first: it gets providers, images and programs');
    else await lockProviders(deployment);
    return 0;
  },
});

function listStacks(model: ResolvedFleet, output: string): void {
  console.log(`${model.deployment}: ${model.stacks.length} stacks in ${relative(process.cwd(), output) || '.'}/stacks`);
  for (const { name, needs } of model.stacks) console.log(`  ${name}${needs.length > 0 ? ` (after ${needs.join(', ')})` : ''}`);
}

/** @throws UserError when the folder holds anything but an earlier result */
function refuseOtherContent(out: string, folder: string): void {
  const stat = lstatSync(folder, { throwIfNoEntry: false });
  if (stat === undefined) return;
  if (!stat.isDirectory()) throw new UserError(`--out ${out}: it is not a folder; name a new or an empty one`);
  if (readdirSync(folder).length > 0 && !existsSync(join(folder, 'manifest.json')))
    throw new UserError(
      `--out ${out}: the folder holds something else than stacks, and nothing is overwritten; name a new or an empty one`,
    );
}

/** cdktf asks the public registry for checksums when a stack has none, which fails where that registry cannot be reached. */
async function lockProviders(deployment: Deployment): Promise<void> {
  const open = deployment.model.stacks.filter(({ name }) => !existsSync(join(deployment.stackFolder(name), '.terraform.lock.hcl')));
  const results = await Promise.all(
    open.map(({ name }) =>
      terraform(['init', '-reconfigure', '-input=false', '-no-color'], {
        folder: deployment.stackFolder(name),
        environment: deployment.environment,
        log: deployment.logFile(name),
      }),
    ),
  );
  const failed = open.flatMap(({ name }, index) => (results[index]!.code === 0 ? [] : [`${name}: ${results[index]!.errors.join('\n')}`]));
  if (failed.length > 0) throw new Failure(`terraform init failed:\n${failed.join('\n')}`);
}
