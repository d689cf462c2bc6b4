import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { UserError } from '../config/problem';
import { defineMachineProvider, type Feature, featureMeanings, type MachineProvider } from './define';
import { nspawn } from './nspawn';

const absolute = z.string().startsWith('/', 'is no absolute path');
const features = z.record(z.enum(Object.keys(featureMeanings) as [Feature, ...Feature[]]), z.enum(['yes', 'no', 'unproven']));
const consequence = z.enum(['nothing', 'restart', 'replace', 'refuse']);

const { brings, addresses, cidr, image, networks, resize } = nspawn;
const schema = z.strictObject({
  id: z.string().regex(/^[a-z][a-z0-9-]*$/),
  summary: z.string(),
  scripts: absolute,
  hostScripts: z.strictObject({ claim: absolute, release: absolute }),
  brings: z.enum(['machines', 'clusters']).default(brings),
  addresses: z.enum(['assigned', 'leased']).default(addresses),
  cidr: z.cidrv4().nullable().default(cidr),
  image: z.string().nullable().default(image),
  networks: z
    .record(z.string(), features)
    .refine((modes) => Object.keys(modes).length > 0, 'has no network')
    .default(networks),
  resize: z
    .strictObject({ cpus: consequence, memoryMiB: consequence, diskGiB: z.strictObject({ grow: consequence, shrink: consequence }) })
    .default(resize),
});

/**
 * A provider that is not part of this repository, from a JSON file of the shape of MachineProvider; paths must be absolute.
 * What it leaves out behind `hostScripts` is as with nspawn.
 */
export function readOutsideProvider(file: string): MachineProvider {
  try {
    return defineMachineProvider(schema.parse(JSON.parse(readFileSync(file, 'utf8'))));
  } catch (error) {
    const reason = error instanceof z.ZodError ? z.prettifyError(error) : (error as Error).message;
    throw new UserError(
      `FLOTILLA_MACHINE_PROVIDER ${file}: cannot be used: ${reason}; write {id, summary, scripts, hostScripts: {claim, release}} ` +
        'and what differs from nspawn of brings, addresses, cidr, image, networks and resize there, or unset it',
    );
  }
}
