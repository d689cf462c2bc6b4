import { at } from '../model/contracts/objects';
import { everyContainer } from './containers';
import type { Inventory, Loose } from './contracts';
import { listAt } from './contracts/inventory';
import { type EmbeddedFile, embeddedFiles } from './embedded';
import { counted, type Examination } from './examination';
import { type PhoneHome, phoneHome, type Setting } from './phone-home-switches';

/** Looks whether programs that send something to their makers by default are told not to. */
export function quietPrograms(clusters: ReadonlyMap<string, Inventory>, table: readonly PhoneHome[] = phoneHome): Examination {
  const faults: { release: string; text: string }[] = [];
  let looked = 0;
  for (const [cluster, { releases, pods }] of clusters)
    for (const { component, objects } of releases) {
      const release = `${cluster}/${component.id}`;
      const files = objects.flatMap(embeddedFiles);
      const containers = pods.filter(({ by }) => by === component.id).flatMap(({ spec }) => everyContainer(spec));
      for (const entry of table)
        for (const container of containers.filter((one) => runs(one, entry))) {
          looked++;
          const where = `${entry.program} (container ${String(container.name)}) sends ${entry.sends}`;
          const on = (entry.on ?? []).filter((setting) => isSet(setting, container, files));
          if (on.length > 0) faults.push({ release, text: `${where}, because ${on.map(shown).join(' and ')} is set; take it out` });
          if (entry.off === undefined) continue;
          if (!entry.off.some((setting) => isSet(setting, container, files)))
            faults.push({
              release,
              text: `${where} unless it is told not to (${entry.source}); set ${entry.off.map(shown).join(', or ')}`,
            });
        }
    }
  const programs = new Set(table.map(({ program }) => program)).size;
  return {
    checked: [`what ${counted(programs, 'program')} send to their makers by default: ${counted(looked, 'setting')} looked up`],
    faults: distinct(faults),
    notes: [],
    unchecked: [],
  };
}

const distinct = <T extends { readonly release: string; readonly text: string }>(faults: readonly T[]): readonly T[] => [
  ...new Map(faults.map((fault) => [`${fault.release} ${fault.text}`, fault])).values(),
];

function runs(container: Loose, { image, when, otherProgram }: PhoneHome): boolean {
  if (!image.test(String(container.image ?? ''))) return false;
  const words = wordsOf(container);
  return (when === undefined || words.some((word) => when.test(word))) && !words.some((word) => otherProgram?.test(word));
}

/** Words of a container's command line; a script of `sh -c` is taken apart too. */
const wordsOf = (container: Loose): readonly string[] =>
  [...listAt(container, 'command'), ...listAt(container, 'args')]
    .flatMap((word) => String(word).split(/[\s\\"']+/))
    .filter((word) => word !== '');

/** Go's flags take one dash or two. */
const oneDash = (word: string): string => word.replace(/^--?/, '-');

function isSet(setting: Setting, container: Loose, files: readonly EmbeddedFile[]): boolean {
  const env = listAt(container, 'env');
  if ('env' in setting) return env.some((one) => at(one, 'name') === setting.env && plain(at(one, 'value')) === setting.value);
  if ('envPart' in setting)
    return env.some((one) =>
      String(at(one, 'value') ?? '')
        .split(/\s+/)
        .includes(setting.envPart),
    );
  if ('arg' in setting) return wordsOf(container).some((word) => oneDash(word) === oneDash(setting.arg));
  return files.some(({ tree }) => plain(at(tree, ...setting.file.split('.'))) === setting.value);
}

const plain = (value: unknown): string =>
  value === undefined
    ? ''
    : String(value)
        .trim()
        .replace(/^["']|["']$/g, '')
        .toLowerCase();

function shown(setting: Setting): string {
  if ('env' in setting) return `the variable ${setting.env} to ${setting.value}`;
  if ('envPart' in setting) return `${setting.envPart} in JAVA_OPTS`;
  if ('arg' in setting) return `the argument ${setting.arg}`;
  return `${setting.file}: ${setting.value} in its configuration`;
}
