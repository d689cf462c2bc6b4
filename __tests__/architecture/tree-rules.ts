/** A tracked file. */
export interface TreeFile {
  readonly path: string;
  readonly text: string;
}

/** What a rule objects to, a line each; nothing when the tree keeps it. */
export type TreeRule = (files: readonly TreeFile[]) => readonly string[];

const isSource = ({ path }: TreeFile): boolean => /\.(ts|cjs|sh|ya?ml)$/.test(path) && !path.startsWith('docs/generated/');
const lineCount = ({ text }: TreeFile): number => text.split('\n').length - 1;
const below =
  (...folders: string[]) =>
  ({ path }: TreeFile): boolean =>
    folders.some((folder) => path.startsWith(`${folder}/`));
const isTest = below('__tests__');

/** Names that tools or custom give. */
const namedByOthers = new Set(['__tests__', '__snapshots__', 'LICENSE', 'README.md', 'CHANGELOG.md', 'CONTRIBUTING.md', 'Chart.yaml']);
// What lies here is named by Debian.
const isImageTree = below('artifacts/node-image/rootfs');

const tooLong: TreeRule = (files) =>
  files
    .filter((file) => isSource(file) && lineCount(file) > 400)
    .map((file) => `${file.path} has ${lineCount(file)} lines, 400 are the limit: split it`);

const longMedian: TreeRule = (files) => {
  const counts = files
    .filter(isSource)
    .map(lineCount)
    .sort((a, b) => a - b);
  const median = counts[Math.floor(counts.length / 2)] ?? 0;
  return median < 80 ? [] : [`half of the files have ${median} lines or more, fewer than 80 are wanted`];
};

const notKebab: TreeRule = (files) =>
  files
    .filter(
      (file) =>
        !isImageTree(file) && file.path.split('/').some((part) => !namedByOthers.has(part) && !/^\.?[a-z0-9]+([.-][a-z0-9]+)*$/.test(part)),
    )
    .map(({ path }) => `${path} is not in kebab-case`);

// Upstream's, and all that it is known by.
const namedUpstream = /\bcert-manager\b/g;
const emptyName: TreeRule = (files) =>
  files
    .filter(({ path }) => /(^|[/-])(utils?|common|helpers?|misc|manager)([./-]|$)/.test(path.replace(namedUpstream, 'cert')))
    .map(({ path }) => `${path} says nothing about what is in it`);

const commandFiles = ['constructs/host-script.ts', 'constructs/destroy-hook.ts', 'constructs/teardown-marker.ts'];
const strayCommand: TreeRule = (files) =>
  files
    .filter((file) => file.path.endsWith('.ts') && !isTest(file) && !commandFiles.includes(file.path) && file.text.includes('local-exec'))
    .map(({ path }) => `${path} runs a command by local-exec, which only ${commandFiles.join(', ')} may`);

/** Ids that are words of machines and networks too. */
const alsoWords = ['gateway'];

/** Shared code that names a component knows too much. */
export const componentLiteral =
  (ids: readonly string[]): TreeRule =>
  (files) =>
    files
      .filter(below('constructs', 'stacks', 'cli', 'model', 'runner', 'chart-lint'))
      .flatMap(({ path, text }) =>
        ids
          .filter((id) => !alsoWords.includes(id) && new RegExp(`['"\`]${id}['"\`]`).test(text))
          .map((id) => `${path} names the component "${id}"`),
      );

// Put together here, so that this file keeps its own rule.
const hostPaths = new RegExp(`(^|[\\s"'\`=(:])/(${['wo' + 'rk', 'ro' + 'ot', 'ho' + 'me'].join('|')})/[a-z.]`, 'm');
const registryHosts = ['registry.npmjs' + '.org', 'proxy.golang' + '.org', 'sum.golang' + '.org', 'deb.debian' + '.org'];
/** What runs in pods has homes of its own. */
const ofPods = /^artifacts\/stub-programs\//;
const strayPlace: TreeRule = (files) =>
  files.flatMap(({ path, text }) => [
    ...(hostPaths.test(text) && !ofPods.test(path) ? [`${path} holds a path of one machine: ${hostPaths.exec(text)![0].trim()}`] : []),
    ...registryHosts
      .filter((host) => text.includes(host))
      .map((host) => `${path} names the registry ${host}, which is configuration of the host`),
  ]);

/** What a merge leaves when nobody has decided. */
const undecided: TreeRule = (files) =>
  files.filter(({ text }) => /^(<{7}|>{7}) /m.test(text)).map(({ path }) => `${path} has the marks of a merge: decide, and take them out`);

export const treeRules: Readonly<Record<string, TreeRule>> = {
  undecided,
  tooLong,
  longMedian,
  notKebab,
  emptyName,
  strayCommand,
  strayPlace,
};
