import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { parse } from 'yaml';
import { UserError } from '../../config/problem';
import { mergeDefaults, type Values } from './values-tree';

/** Keys of the values that templates name, from the root: `['server', 'image']`. */
export type ValuePath = readonly string[];

/** What can be known of a chart without rendering it. */
export interface ChartTree {
  /** Of the chart and its subcharts, these below the name or alias that the chart gives them. */
  readonly defaults: Values;
  /** Every `.Values.a.b` of its templates and of its subcharts', and the conditions of its dependencies. */
  readonly reads: readonly ValuePath[];
}

interface Dependency {
  readonly name: string;
  readonly alias?: string;
  readonly condition?: string;
}

interface Subchart {
  readonly name: string;
  readonly type?: string;
  readonly tree: ChartTree;
}

/** Istio's charts keep their defaults below this key and lay them under what is given, to tell the two apart. */
const hiddenDefaults = '_internal_defaults_do_not_set';
/** Folders of a chart that no render looks into. */
const unread = new Set(['charts', 'crds', 'ci', 'tests', 'test', 'unittests', 'docs', 'examples']);

/** @throws UserError when the folder holds no chart */
export function readChartTree(folder: string): ChartTree {
  const { dependencies = [], type } = yamlFile(join(folder, 'Chart.yaml')) as { dependencies?: Dependency[]; type?: string };
  const own = (existsSync(join(folder, 'values.yaml')) ? yamlFile(join(folder, 'values.yaml')) : {}) as Values;
  let defaults = flattened(own);
  const reads: ValuePath[] = ownTexts(folder).flatMap(readsOf);
  for (const { name, type: kind, tree } of subcharts(folder)) {
    const uses = dependencies.filter((dependency) => dependency.name === name);
    const places = uses.length === 0 ? [name] : uses.map(({ alias }) => alias ?? name);
    for (const place of places) {
      defaults = mergeDefaults(
        { [place]: tree.defaults, ...('global' in tree.defaults ? { global: tree.defaults.global! } : {}) },
        defaults,
      );
      reads.push(...tree.reads.map((path) => [place, ...path]), [place, 'enabled']);
    }
    // A library's templates run in the chart that calls them; `global` is the same everywhere.
    reads.push(...tree.reads.filter(([first]) => kind === 'library' || first === 'global'));
  }
  if (type === 'library') return { defaults, reads };
  for (const { condition = '' } of dependencies) for (const path of condition.split(',')) if (path) reads.push(path.trim().split('.'));
  return { defaults, reads: [...reads, ['tags']] };
}

function flattened(values: Values): Values {
  const { [hiddenDefaults]: hidden, ...rest } = values;
  return hidden !== null && typeof hidden === 'object' ? mergeDefaults(hidden as Values, rest) : values;
}

function yamlFile(file: string): unknown {
  if (!existsSync(file))
    throw new UserError(`there is no ${file}: a folder of a chart has one; take the folder away, or put the chart into it`);
  return parse(readFileSync(file, 'utf8'), { uniqueKeys: false, logLevel: 'silent', merge: true }) ?? {};
}

/** What is read of each subchart; packed ones are unpacked for as long as that takes. */
function subcharts(folder: string): readonly Subchart[] {
  const parent = join(folder, 'charts');
  if (!existsSync(parent)) return [];
  return readdirSync(parent).flatMap((entry) => {
    const path = join(parent, entry);
    if (existsSync(join(path, 'Chart.yaml'))) return [subchart(path)];
    if (!entry.endsWith('.tgz')) return [];
    const work = mkdtempSync(join(tmpdir(), 'flotilla-subchart-'));
    try {
      return [subchart(unpack(path, work))];
    } finally {
      rmSync(work, { recursive: true, force: true });
    }
  });
}

const subchart = (folder: string): Subchart => ({
  ...(yamlFile(join(folder, 'Chart.yaml')) as Omit<Subchart, 'tree'>),
  tree: readChartTree(folder),
});

/** Unpacks a chart's archive below a folder. @returns the chart's own folder there @throws UserError for what is no archive of a chart */
export function unpack(archive: string, below: string): string {
  const { status, stderr } = spawnSync('tar', ['-xzf', archive, '-C', below], { encoding: 'utf8' });
  const chart = readdirSync(below).find((entry) => existsSync(join(below, entry, 'Chart.yaml')));
  if (status === 0 && chart !== undefined) return join(below, chart);
  const why = status === 0 ? 'there is no folder with a Chart.yaml in it' : stderr.trim().split('\n')[0];
  throw new UserError(
    `${archive}: ${why}; a chart's archive is a folder with a Chart.yaml, packed by tar and gzip: take it away and bring it again with "npx flotilla charts pull"`,
  );
}

/** Templates, the files that they include, and the templates that stand in values.yaml. */
function ownTexts(folder: string): string[] {
  const below = (path: string): string[] =>
    readdirSync(path, { withFileTypes: true }).flatMap((entry) => {
      if (entry.isDirectory()) return path === folder && unread.has(entry.name) ? [] : below(join(path, entry.name));
      return /\.(md|json|tgz|lock|gotmpl)$|^(Chart\.yaml|LICENSE)$/.test(entry.name) ? [] : [join(path, entry.name)];
    });
  return below(folder).map((file) => {
    const text = readFileSync(file, 'utf8');
    return basename(file) === 'values.yaml' ? text.replace(/^\s*#.*$/gm, '') : text;
  });
}

const chain = String.raw`(?:[\w$.]*\.)?Values((?:\.\w+)*)`;
const step = /\.(\w+)/g;
const steps = (text: string): string[] => [...text.matchAll(step)].map(([, name]) => name!);
const words = (text: string): string[] => [...text.matchAll(/"([^"]+)"/g)].map(([, word]) => word!);

/** What a template reads: chains, `index`, `get`, `hasKey`, `dig`, and chains that go on from a variable. Others are found by rendering. */
export function readsOf(template: string): ValuePath[] {
  const text = template.replace(/\{\{-?\s*\/\*[\s\S]*?\*\/\s*-?\}\}/g, '');
  const found: string[][] = [...text.matchAll(new RegExp(`\\b${chain}`, 'g'))].map(([, path]) => steps(path!));
  for (const [, path, keys, rest] of text.matchAll(
    new RegExp(String.raw`\bindex\s+\(?${chain}\)?((?:\s+"[^"]+")+)(?:\s*\)((?:\.\w+)+))?`, 'g'),
  ))
    found.push([...steps(path!), ...words(keys!), ...steps(rest ?? '')]);
  for (const [, path, key] of text.matchAll(new RegExp(String.raw`\b(?:get|hasKey|pluck)\s+\(?${chain}\)?\s+"([^"]+)"`, 'g')))
    found.push([...steps(path!), key!]);
  for (const [, keys, path] of text.matchAll(new RegExp(String.raw`\bdig\s+((?:"[^"]+"\s+)+)[^{}]*?${chain}`, 'g')))
    found.push([...steps(path!), ...words(keys!)], [...steps(path!), ...words(keys!).slice(0, -1)]);
  const variables = text.matchAll(new RegExp(String.raw`\$(\w+)\s*:?=\s*(?:\(?(?:mustDeepCopy|deepCopy|default\s+\S+)\s+)?${chain}`, 'g'));
  for (const [, variable, path] of variables)
    for (const [, rest] of text.matchAll(new RegExp(String.raw`\$${variable}((?:\.\w+)+)`, 'g')))
      found.push([...steps(path!), ...steps(rest!)]);
  return found.filter((path) => path.length > 0);
}
