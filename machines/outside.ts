import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { UserError } from '../config/problem';
import { defineMachineProvider, type MachineProvider } from './define';

const support = z.enum(['yes', 'no', 'unproven']);
const absolute = z.string().startsWith('/', 'is no absolute path');
const schema = z.strictObject({
  id: z.string().regex(/^[a-z][a-z0-9-]*$/),
  summary: z.string(),
  scripts: absolute,
  hostScripts: z.strictObject({ claim: absolute, release: absolute }),
  features: z.strictObject({
    machineToMachine: support,
    hostToMachine: support,
    foreignSources: support,
    ipv6: support,
    stableAddresses: support,
    l7: support,
  }),
});

/** A provider that is not part of this repository, from a JSON file of the shape of MachineProvider; paths must be absolute. */
export function readOutsideProvider(file: string): MachineProvider {
  try {
    return defineMachineProvider(schema.parse(JSON.parse(readFileSync(file, 'utf8'))));
  } catch (error) {
    const reason = error instanceof z.ZodError ? z.prettifyError(error) : (error as Error).message;
    throw new UserError(
      `FLOTILLA_MACHINE_PROVIDER ${file}: cannot be used: ${reason}; write {id, summary, scripts, hostScripts: {claim, release}, features} there, or unset it`,
    );
  }
}
