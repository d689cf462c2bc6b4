import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { verbs } from '../cli/verbs';
import { catalog } from '../components';
import { overlayJsonSchema } from '../config/overlay-schema';
import { packageRoot } from '../config/package-root';
import { fleetJsonSchema } from '../config/schema';
import { machineProviders } from '../machines';
import { type Feature, featureMeanings } from '../machines/define';
import { componentTable } from './component-table';
import { configurationReference } from './configuration-reference';
import { contractTable } from './contract-table';
import { installOrders } from './install-order';
import { knownFleets } from './known-fleets';
import { made, markdown } from './markdown';
import { seedTable } from './seed-table';

/** The documents that are made from the sources, by their path below `docs/generated`. `npm run generate` writes them, a test compares. */
export function generatedDocuments(): ReadonlyMap<string, string> {
  const known = {
    providers: machineProviders.map(({ id }) => id),
    machineNetworks: machineProviders.flatMap(({ networks }) => Object.keys(networks)),
    components: catalog.map(({ id }) => id),
  };
  const fleets = knownFleets();
  return new Map([
    ['fleet.schema.json', `${JSON.stringify(fleetJsonSchema(known), null, 2)}\n`],
    ['overlay.schema.json', `${JSON.stringify(overlayJsonSchema(known), null, 2)}\n`],
    ['configuration.md', configurationReference(known)],
    ['seeds.md', seedTable()],
    ['providers.md', providerTable()],
    ['components.md', componentTable(fleets)],
    ['install-order.md', installOrders(fleets)],
    ['contracts.md', contractTable(fleets)],
    ['command.md', commandReference()],
  ]);
}

export function writeDocuments(): void {
  const folder = join(packageRoot(), 'docs', 'generated');
  mkdirSync(folder, { recursive: true });
  for (const [name, text] of generatedDocuments()) writeFileSync(join(folder, name), text);
}

function providerTable(): string {
  const networks = machineProviders.flatMap(({ id, networks }) =>
    Object.entries(networks).map(([name, features]) => ({ id, name, features })),
  );
  const rows = Object.entries(featureMeanings).map(([feature, meaning]) => [
    meaning,
    ...networks.map(({ features }) => features[feature as Feature]),
  ]);
  const resize = machineProviders.map(({ id, resize: { cpus, memoryMiB, diskGiB } }) => [
    id,
    cpus,
    memoryMiB,
    diskGiB.grow,
    diskGiB.shrink,
  ]);
  return [
    made,
    '# Machine providers',
    '',
    ...machineProviders.map(({ id, summary }) => `- \`${id}\`: ${summary}`),
    '',
    'The networks of each, the first of a provider is its default. `yes`: seen here or said by its own sources; `unproven`: only concluded.',
    '',
    ...markdown(['', ...networks.map(({ id, name }) => `${id} ${name}`)], rows),
    '',
    'What a changed size means for a live machine:',
    '',
    ...markdown(['', 'cpus', 'memoryMiB', 'larger diskGiB', 'smaller diskGiB'], resize),
    '',
  ].join('\n');
}

function commandReference(): string {
  const sections = verbs.map(({ name, operands, summary, example, options = [] }) =>
    [
      `## ${name}`,
      '',
      summary,
      '',
      '```sh',
      `flotilla ${[name, operands].filter(Boolean).join(' ')}`,
      example,
      '```',
      ...(options.length === 0 ? [] : ['', ...options.map(([flags, text]) => `- \`${flags}\`: ${text}`)]),
      '',
    ].join('\n'),
  );
  const common =
    'Every verb takes `--fleet <name|file>` (also FLOTILLA_FLEET, default `lab`), `--overlay <name>` (also FLOTILLA_OVERLAY) and `--help`.';
  const codes = 'Exit codes: 0 done or nothing to do, 1 failed, 2 bad input, 3 (`diff` and `drift` only) there are changes.';
  return [made, '# The command', '', common, '', codes, '', ...sections].join('\n');
}
