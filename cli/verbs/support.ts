import { existsSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { UserError } from '../../config/problem';
import { findings } from '../../runner/host/fitness';
import { lookAt } from '../../runner/session';
import { writeArchive } from '../../runner/support/archive';
import { collect } from '../../runner/support/collect';
import { knownSecrets } from '../../runner/support/known-secrets';
import { defineVerb } from '../verb';

export const support = defineVerb<{ output?: string }>({
  name: 'support',
  summary: 'Put what a bug report needs into one archive, without secrets; changes nothing else',
  example: 'npx flotilla support               # look into the archive before you send it',
  options: [['--output <file>', 'where to write it (default: flotilla-support-<deployment>-<time>.tar.gz here)']],
  run: async ({ selection, options }) => {
    const deployment = lookAt(selection);
    const { model, folder } = deployment;
    const time = new Date().toISOString().slice(0, 19).replace(/[-:]/g, '');
    const file = resolve(options.output ?? join(process.cwd(), `flotilla-support-${model.deployment}-${time}.tar.gz`));
    if (existsSync(file)) throw new UserError(`${file}: is there already; give another name with --output`);
    const pieces = await collect(deployment, () => findings(model, folder));
    writeArchive(file, pieces, knownSecrets(folder));
    const groups = new Map<string, number>();
    for (const { what } of pieces) groups.set(what, (groups.get(what) ?? 0) + 1);
    console.log(`${file} (${Math.ceil(statSync(file).size / 1024)} KiB), for nobody else to read:`);
    for (const [what, count] of groups) console.log(`  ${count > 1 ? `${count} × ` : ''}${what}`);
    console.log('Secrets are replaced, states and keys are not in it. Look inside before you send it: tar -xzf FILE');
    return 0;
  },
});
