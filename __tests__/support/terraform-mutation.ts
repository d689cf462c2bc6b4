import { spawnSync } from 'node:child_process';
import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { deploymentFolder } from './lab-command';

interface Stack {
  readonly resource: { readonly helm_release: Record<string, Record<string, unknown>> };
}

/**
 * Runs Terraform on a mutated copy of a stack beside the real one, on the same state: what would happen without one of our guards.
 * The copy is removed again.
 */
export function onMutatedStack(stack: string, mutate: (json: Stack) => void, ...args: string[]): { code: number | null; output: string } {
  const folder = join(deploymentFolder, 'cdktf.out', 'stacks', `${stack}-twin`);
  const environment = { ...process.env, TF_CLI_CONFIG_FILE: join(deploymentFolder, 'terraform.rc'), CHECKPOINT_DISABLE: '1' };
  const run = (...words: string[]) => spawnSync('terraform', words, { cwd: folder, env: environment, encoding: 'utf8' });
  try {
    cpSync(join(deploymentFolder, 'cdktf.out', 'stacks', stack), folder, {
      recursive: true,
      filter: (source) => !source.includes('.terraform'),
    });
    const json = JSON.parse(readFileSync(join(folder, 'cdk.tf.json'), 'utf8')) as Stack;
    mutate(json);
    writeFileSync(join(folder, 'cdk.tf.json'), JSON.stringify(json));
    run('init', '-input=false');
    const { status, stdout, stderr } = run(...args);
    return { code: status, output: stdout + stderr };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The mutation: releases as they are when nobody thinks of it. */
export function withoutUpgradeInstall({ resource }: Stack): void {
  for (const release of Object.values(resource.helm_release)) delete release.upgrade_install;
}
