import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Deployment } from '../deployment/deployment';
import { appliedCopy } from '../terraform/stack-run';
import { terraform } from '../terraform/terraform';
import { type Difference, differingPaths, type Look } from './difference';

interface ShownPlan {
  readonly resource_drift?: readonly {
    readonly address: string;
    readonly mode: string;
    readonly change: { readonly actions: readonly string[]; readonly before: unknown; readonly after: unknown };
  }[];
}

/** What Terraform finds changed behind its back, by the stack as it was last applied. State is read and never written. */
export async function resourceDrift(deployment: Deployment, stack: string): Promise<Look> {
  const folder = appliedCopy(deployment, stack);
  if (folder === null)
    return {
      where: stack,
      differences: [],
      errors: ['the copy that was kept when it was applied is missing: "npx flotilla up" makes it again'],
    };
  const run = { folder, environment: deployment.environment, log: deployment.logFile(stack) };
  const scratch = mkdtempSync(join(tmpdir(), 'flotilla-drift-'));
  try {
    const init = await terraform(['init', '-reconfigure', '-input=false', '-no-color'], run);
    if (init.code !== 0) return { where: stack, differences: [], errors: init.errors };
    const plan = join(scratch, 'plan');
    const { code, errors } = await terraform(
      ['plan', '-refresh-only', '-json', '-input=false', '-lock=false', '-parallelism=32', `-out=${plan}`],
      run,
    );
    if (code !== 0) return { where: stack, differences: [], errors };
    const shown = await show(plan, folder, deployment.environment);
    return shown === null
      ? { where: stack, differences: [], errors: ['"terraform show" cannot read the plan that was just made'] }
      : { where: stack, differences: driftOf(shown), errors: [] };
  } finally {
    rmSync(scratch, { recursive: true });
  }
}

/** What a refresh-only plan calls drift, less what an API server counts up by itself. */
export const driftOf = ({ resource_drift: drift = [] }: ShownPlan): readonly Difference[] =>
  drift
    .filter(({ mode }) => mode === 'managed')
    .flatMap(({ address, change }): Difference[] => {
      if (change.actions.includes('delete')) return [{ address, what: 'deleted', paths: [] }];
      const paths = differingPaths(change.before, change.after).filter((path) => !/\.(resource_version|generation)$/.test(path));
      return paths.length === 0 ? [] : [{ address, what: 'changed', paths }];
    });

function show(plan: string, folder: string, environment: NodeJS.ProcessEnv): Promise<ShownPlan | null> {
  return new Promise((resolve) =>
    execFile('terraform', ['show', '-json', plan], { cwd: folder, env: environment, maxBuffer: 256 * 1024 * 1024 }, (error, stdout) =>
      resolve(error === null ? (JSON.parse(stdout) as ShownPlan) : null),
    ),
  );
}
