import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { projectRoot } from '../../config/package-root';
import { UserError } from '../../config/problem';
import { Failure } from '../failure';
import type { Deployment } from '../run/deployment';
import { namesIn } from '../run/folder';
import { linkOutput } from '../run/output-link';
import { keepCopy } from '../run/stack-run';
import { terraform } from '../run/terraform';
import { prepareFor } from '../session';
import { defineVerb } from '../verb';

export const synth = defineVerb({
  name: 'synth',
  summary: 'Write the stacks and all that plain terraform, or cdktf, needs to plan and apply them, to cdktf.out',
  example: 'npx flotilla synth && terraform -chdir=cdktf.out/stacks/hub plan    # hub: a cluster of the fleet',
  run: async ({ selection }) => {
    if (process.env.SYNTH_HCL_OUTPUT === 'true')
      throw new UserError('--hcl: Flotilla reads its stacks as JSON, beside HCL every block would be there twice; leave --hcl out');
    const output = resolve(process.env.CDKTF_OUTDIR || join(projectRoot(), 'cdktf.out'));
    const before = namesIn(join(output, 'stacks'));
    const { deployment } = await prepareFor(selection, 'synth', () => {});
    const { folder, model } = deployment;
    linkOutput(output, join(folder, 'cdktf.out'));
    // cdktf deletes the folders of stacks that are gone, and dies of one that is gone already.
    if (process.env.CDKTF_OUTDIR) for (const stack of before) mkdirSync(join(output, 'stacks', stack), { recursive: true });
    // What follows is what `up` does before it plans, because whoever called us may go on with an apply.
    for (const note of namesIn(join(folder, 'tearing-down'))) rmSync(join(folder, 'tearing-down', note));
    for (const { name } of model.stacks) keepCopy(deployment, name);
    await lockProviders(deployment);
    console.log(`${model.deployment}: ${model.stacks.length} stacks in ${relative(process.cwd(), output) || '.'}/stacks`);
    for (const { name, needs } of model.stacks) console.log(`  ${name}${needs.length > 0 ? ` (after ${needs.join(', ')})` : ''}`);
    return 0;
  },
});

/** cdktf asks the public registry for checksums when a stack has none, which fails where that is out of reach. */
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
