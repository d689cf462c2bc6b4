import type { Command, Context, Observation, Result, Step } from './step';

export interface RunOptions {
  readonly steps: readonly Step[];
  readonly context: Context;
  readonly platform: NodeJS.Platform;
  readonly interrupted: () => boolean;
  /** Called after every step with all results so far, so that a crash loses nothing. */
  readonly onResult: (results: readonly Result[]) => void;
}

/** Runs the steps one after the other. Every step ends in a verdict, also one that throws. */
export async function runSteps({ steps, context, platform, interrupted, onResult }: RunOptions): Promise<readonly Result[]> {
  const results: Result[] = [];
  for (const step of steps) {
    results.push(await judge(step));
    onResult(results);
  }
  return results;

  async function judge(step: Step): Promise<Result> {
    const { id, shows } = step;
    const without = (verdict: 'skipped' | 'not on this host', found: string): Result => ({
      id,
      shows,
      verdict,
      found,
      remedy: '',
      seconds: 0,
      commands: [],
    });
    if (!step.on.includes(platform)) return without('not on this host', `needs ${step.on.join(' or ')}, this is ${platform}`);
    const lacking = (step.needs ?? []).filter((needed) => results.find((result) => result.id === needed)?.verdict !== 'ok');
    if (!step.cleansUp && lacking.length > 0) return without('skipped', `cannot tell without ${lacking.join(', ')}`);
    if (!step.cleansUp && interrupted()) return without('skipped', 'interrupted');
    const commands: Command[] = [];
    const began = Date.now();
    const { ok, found, remedy = '' } = await observe(step, recording(commands));
    return { id, shows, verdict: ok ? 'ok' : 'failed', found, remedy: ok ? '' : remedy, seconds: (Date.now() - began) / 1000, commands };
  }

  function recording(commands: Command[]): Context {
    const keep = (command: Command): Command => {
      commands.push(command);
      return command;
    };
    return {
      ...context,
      run: async (...given) => keep(await context.run(...given)),
      flotilla: async (...given) => keep(await context.flotilla(...given)),
    };
  }
}

async function observe(step: Step, context: Context): Promise<Observation> {
  try {
    return await step.run(context);
  } catch (error) {
    return {
      ok: false,
      found: `the step itself broke: ${(error as Error).message}`,
      remedy: 'this is a fault of the self-test: report it',
    };
  }
}
