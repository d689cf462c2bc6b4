import type { Command } from 'commander';
import { type Chosen, chooseFleet } from '../config/fleet-file';
import { chooseDeployment } from '../runner/printed-commands';

/** Which deployment a verb is about. */
export type Selection = Chosen;

export interface Invocation<Options> {
  readonly selection: Selection;
  readonly options: Options;
  readonly args: readonly string[];
}

/** One verb of the command. `run` returns the exit code: 0 done, 1 failed, 2 bad input, 3 (diff and drift only) there are changes. */
export interface Verb<Options = Record<string, unknown>> {
  readonly name: string;
  /** e.g. `<node> [command...]` */
  readonly operands?: string;
  readonly summary: string;
  /** One call worth copying, with what it is good for. */
  readonly example: string;
  readonly options?: readonly (readonly [flags: string, description: string])[];
  readonly run: (invocation: Invocation<Options>) => Promise<number>;
}

export const defineVerb = <Options>(verb: Verb<Options>): Verb<Options> => verb;

/** Adds a verb to the program; all verbs select their deployment in the same way. */
export function register<Options>(program: Command, verb: Verb<Options>, exit: (code: number) => void): void {
  const command = program
    .command([verb.name, verb.operands].filter(Boolean).join(' '))
    .description(verb.summary)
    .option('--fleet <name|file>', 'a file below fleets/, or a path; also FLOTILLA_FLEET (default: lab)')
    .option('--overlay <name>', 'a file below fleets/overlays/; also FLOTILLA_OVERLAY')
    .addHelpText('after', `\nExample:\n  ${verb.example}`);
  for (const [flags, description] of verb.options ?? []) command.option(flags, description);
  command.action(async (...given: unknown[]) => {
    const { fleet, overlay, ...options } = command.opts() as { fleet?: string; overlay?: string; deployment?: string; json?: boolean };
    const selection = chooseFleet({ ...(fleet === undefined ? {} : { fleet }), ...(overlay === undefined ? {} : { overlay }) });
    chooseDeployment({ ...selection, deployment: options.deployment, json: options.json === true });
    const args = given
      .slice(0, -2)
      .flat()
      .filter((value): value is string => typeof value === 'string');
    exit(await verb.run({ selection, options: options as Options, args }));
  });
}
