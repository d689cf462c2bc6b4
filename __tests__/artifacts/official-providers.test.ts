import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { everyKindFrom } from '../../config/sources';
import { terraformConfiguration } from '../../runner/host/sources';
import { nullMirror } from '../support/checkout';
import { repository } from '../support/sandbox';

const work = mkdtempSync(join(tmpdir(), 'providers-'));
afterAll(() => rmSync(work, { recursive: true, force: true }));

// A mirror stands in for the official registry: from where Terraform takes them is Terraform's business, what is kept is ours.
it('what Terraform fetched becomes a mirror from which it starts without fetching, side by side with registries', () => {
  const out = join(work, 'out');
  const stack = join(work, 'stack');
  for (const folder of [out, stack]) mkdirSync(folder);
  const configuration = (file: string, text: string) => {
    writeFileSync(join(work, file), text);
    return { ...process.env, TF_CLI_CONFIG_FILE: join(work, file), CHECKPOINT_DISABLE: '1' };
  };
  const asPerson = configuration('person.rc', terraformConfiguration(nullMirror(), everyKindFrom('offline')));
  const fetched = spawnSync('bash', [join(repository, 'artifacts/build/official-providers.sh')], {
    env: { ...asPerson, INPUT: JSON.stringify({ out, settings: { providers: { null: '>= 3.2, < 4' } } }) },
    encoding: 'utf8',
  });
  expect(fetched).toMatchObject({ status: 0 });
  expect(JSON.parse(readFileSync(join(out, 'mirror.json'), 'utf8'))).toEqual([
    { source: 'hashicorp/null', version: '3.2.4', standIn: false },
  ]);

  writeFileSync(join(stack, 'main.tf.json'), '{"terraform":{"required_providers":{"null":{"source":"hashicorp/null"}}}}');
  const asDeployment = configuration('deployment.rc', terraformConfiguration(out, everyKindFrom('official')));
  expect(spawnSync('terraform', [`-chdir=${stack}`, 'init', '-input=false'], { env: asDeployment, encoding: 'utf8' })).toMatchObject({
    status: 0,
  });
});
