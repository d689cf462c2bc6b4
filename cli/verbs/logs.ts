import { statSync } from 'node:fs';
import { join } from 'node:path';
import { Failure } from '../../config/failure';
import { UserError } from '../../config/problem';
import { type Deployment, runName } from '../../runner/deployment/deployment';
import { holderOf } from '../../runner/lock';
import { asJson, type LoggedRun, loggedRuns, readable, summarize, Tail } from '../../runner/progress/log-files';
import { table } from '../../runner/progress/table';
import { lookAt } from '../../runner/session';
import { defineVerb } from '../verb';

const pollMs = 300;

export const logs = defineVerb<{ run?: string; follow?: boolean; json?: boolean }>({
  name: 'logs',
  operands: '[stack]',
  summary: 'Print what Terraform said of a stack in the last run; without a stack, list the runs',
  example: 'npx flotilla logs hub --follow    # while "npx flotilla up" runs in another terminal',
  options: [
    ['--run <name>', 'of this run, by the beginning of its name in the list'],
    ['--follow', 'go on as long as a run is at work; without a stack, all of them'],
    [
      '--json',
      "a JSON object a line: Terraform's event, or {@message} where Terraform printed plain text, each with its stack; without a stack and --follow [{run, stacks: [{stack, did, errors}]}]",
    ],
  ],
  run: async ({ selection, options, args: [stack] }) => {
    const deployment = lookAt(selection);
    const runs = chosen(loggedRuns(join(deployment.folder, 'logs')), options.run);
    if (stack !== undefined) requireStack(stack, deployment, runs);
    const isJson = options.json === true;
    if (options.follow) return follow(deployment, stack, options.run, isJson);
    if (stack === undefined && isJson) {
      console.log(JSON.stringify(runs.map(summaries), null, 2));
      return 0;
    }
    if (stack === undefined) {
      console.log(runs.length === 0 ? `${deployment.model.deployment} has no logs: nothing was ever run` : list(runs));
      return 0;
    }
    const run = runs.findLast(({ stacks }) => stacks.includes(stack));
    if (run === undefined) throw new Failure(`there is no log of ${stack} yet: run "npx flotilla up"`);
    for (const line of new Tail(join(run.folder, `${stack}.log`)).end()) console.log(isJson ? asJson(line, stack) : readable(line));
    return 0;
  },
});

function chosen(runs: readonly LoggedRun[], wanted: string | undefined): readonly LoggedRun[] {
  if (wanted === undefined) return runs;
  const found = runs.filter(({ name }) => name.startsWith(wanted));
  if (found.length === 1) return found;
  const what = found.length === 0 ? 'no run begins like that' : `${found.length} runs begin like that`;
  throw new UserError(`--run ${wanted}: ${what}; "npx flotilla logs" lists them`);
}

function requireStack(stack: string, { model }: Deployment, runs: readonly LoggedRun[]): void {
  const known = [...new Set([...model.stacks.map(({ name }) => name), ...runs.flatMap(({ stacks }) => stacks)])];
  if (!known.includes(stack)) throw new UserError(`there is no stack "${stack}" in ${model.deployment}; one of: ${known.join(', ')}`);
}

const summaries = ({ name, folder, stacks }: LoggedRun) => ({
  run: name,
  stacks: stacks.map((stack) => ({ stack, ...summarize(join(folder, `${stack}.log`)) })),
});

function list(runs: readonly LoggedRun[]): string {
  const rows = runs
    .map(summaries)
    .flatMap(({ run, stacks }) =>
      stacks.map(({ stack, did, errors }, index) => [
        index === 0 ? run : '',
        stack,
        did,
        errors === 0 ? '' : `${errors} ${errors === 1 ? 'error' : 'errors'}`,
      ]),
    );
  return table([['run', 'stack', 'did', ''], ...rows]);
}

/** Until nobody is at work on the deployment. Looks at the files only: it never takes the lock. */
async function follow(deployment: Deployment, stack: string | undefined, wanted: string | undefined, isJson: boolean): Promise<number> {
  const folder = join(deployment.folder, 'logs');
  const lock = join(deployment.folder, 'lock');
  // While somebody is at work, earlier runs are none of it.
  const since = wanted === undefined && holderOf(lock) !== null ? runName(statSync(lock).mtime) : '';
  const tails = new Map<string, { tail: Tail; say: (line: string) => string }>();
  const look = (): void => {
    const runs = chosen(loggedRuns(folder), wanted).filter(({ name }) => name >= since);
    const run = runs.findLast(({ stacks }) => stack === undefined || stacks.includes(stack));
    for (const name of run?.stacks ?? []) {
      const file = join(run!.folder, `${name}.log`);
      const prefix = stack === undefined ? `${name.padEnd(14)} ` : '';
      const say = (line: string): string => (isJson ? asJson(line, name) : prefix + readable(line));
      if ((stack === undefined || stack === name) && !tails.has(file)) tails.set(file, { tail: new Tail(file), say });
    }
  };
  for (let isOver = false; ; await new Promise((resolve) => setTimeout(resolve, pollMs))) {
    // Asked before the files are read: what is written after that is read in the next round.
    isOver = holderOf(lock) === null;
    look();
    for (const { tail, say } of tails.values()) for (const line of isOver ? tail.end() : tail.read()) console.log(say(line));
    if (isOver) return 0;
  }
}
