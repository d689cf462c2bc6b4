import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse, parseDocument } from 'yaml';
import { loadFleet, parseFleet } from '../../config/load';
import { FleetError, type FleetProblem, UserError } from '../../config/problem';
import { machineProviders } from '../../machines';
import { problemsOf } from '../../model/validate';
import { root } from '../support/fleet-fixture';

// In parts, or a program that looks for secrets in repositories finds them here.
const tokens: Readonly<Record<string, string>> = {
  'a GitHub token': `${'ghp'}_0123456789abcdefghijklmnopqrstuvwxyzAB`,
  'a GitLab token': `${'glpat'}-0123456789abcdefabcd`,
  'a Vault token': `${'hvs'}.CAESIJcanary0123456789canary`,
  'a web token': `${'eyJ'}hbGciOiJIUzI1NiJ9.eyJzdWIiOiJjYW5hcnkifQ.c2lnbmF0dXJlY2FuYXJ5`,
  'a key in hex': '3f7a0c9be1d2458897aabbccddeeff0011223344556677889900aabbccddeeff',
  'a UUID': '7c9e6679-7425-40de-944b-e07fc1f90ae7',
  'a base64 key': 'k8Vq2Zr1xW0dYpLm9TgHsB4nCjEaRfUo',
  'a password': 'Tr0ub4dor&3-canary!',
  'a pass phrase': 'correct horse battery canary',
  'a command': 'vault operator unseal --token canary0123456789',
  'a URL with a password': 'postgres://app:canary-password@db.example.internal/app',
};

type Tree = Record<string | number, unknown>;
type Path = readonly (string | number)[];

const baseText = readFileSync(join(root, '__tests__/fixtures/cases/base.yaml'), 'utf8');
const base = parse(baseText) as Tree;

function pathsOf(tree: unknown, path: Path = []): Path[] {
  if (tree === null || typeof tree !== 'object') return [path];
  return [
    ...(path.length === 0 ? [] : [path]),
    ...Object.entries(tree).flatMap(([key, value]) => pathsOf(value, [...path, Array.isArray(tree) ? Number(key) : key])),
  ];
}

/** A copy in which `change` was made to what holds the last part of the path. */
function changed(path: Path, change: (holder: Tree, last: string | number) => void): Tree {
  const copy = structuredClone(base);
  change(
    path.slice(0, -1).reduce<Tree>((at, part) => at[part] as Tree, copy),
    path.at(-1)!,
  );
  return copy;
}

/** The token as a value, in a list, as a key, as the name of a key, beside what is there. */
function planted(token: string): Tree[] {
  return pathsOf(base).flatMap((path) => [
    changed(path, (holder, last) => Object.assign(holder, { [last]: token })),
    changed(path, (holder, last) => Object.assign(holder, { [last]: [token] })),
    changed(path, (holder, last) => Object.assign(holder, { [last]: { [token]: token } })),
    changed(path, (holder, last) => Object.assign(holder, { [last]: [{ name: token, [token]: 1 }] })),
    changed(path, (holder) => (Array.isArray(holder) ? holder.push(token) : Object.assign(holder, { [token]: 1 }))),
    changed(path, (holder, last) => {
      if (Array.isArray(holder)) return;
      holder[token] = holder[last];
      delete holder[last];
    }),
  ]);
}

/** The token where it breaks the YAML itself, in every third line. */
const broken = (token: string): string[] =>
  baseText
    .split('\n')
    .flatMap((_, index, lines) =>
      (index % 3 > 0 ? [] : forms(token)).map((line) => [...lines.slice(0, index), line, ...lines.slice(index)].join('\n')),
    );

const forms = (token: string): readonly string[] => [
  token,
  `  ${token}`,
  `"${token}`,
  `'${token}`,
  `*${token}`,
  `&${token} x`,
  `!${token} x`,
  `a: ${token}: x`,
  `{${token}`,
  `[${token}]: 1`,
  `\t${token}`,
  `? ${token}`,
  `%${token}`,
  `--- ${token}`,
];

/** Parts of a token that say too much: the end of it, whatever a message shortens. */
const tells = (message: string, token: string): boolean =>
  message.includes(token.slice(-8)) || message.toLowerCase().includes(token.slice(4, 16).toLowerCase());

const messageOf = (problems: readonly FleetProblem[]): string => (problems.length === 0 ? '' : new FleetError('canary', problems).message);
const problemsIn = (text: string, overlay?: string): readonly FleetProblem[] =>
  problemsOf({
    fleet: parseFleet({ file: 'canary.yaml', text, overlay: overlay === undefined ? null : { name: 'over', text: overlay } }),
    providers: machineProviders,
  });

const all = Object.values(tokens);
/** Each place gets another token, so that every token is in every kind of place; `step` chooses a different share of them. */
const tokenAt = (place: number, step: number): string => all[(place * step) % all.length]!;
const places = planted('').length;
const plantedAt = (place: number, token: string): Tree => planted(token)[place]!;
const spread = (step: number, of: (token: string, place: number) => string): readonly [token: string, message: string][] =>
  Array.from({ length: places }, (_, place) => {
    const token = tokenAt(place, step);
    return [token, of(token, place)];
  });
const leaks = (said: readonly (readonly [token: string, message: string])[]): readonly string[] => [
  ...new Set(said.filter(([token, message]) => tells(message, token)).map(([, message]) => message)),
];

test('no message about a fleet file repeats a secret, wherever in the file it stands', () => {
  let carried = 0;
  const said = spread(3, (token, place) => {
    const problems = problemsIn(JSON.stringify(plantedAt(place, token)));
    if (JSON.stringify(problems).includes(JSON.stringify(token).slice(1, -1))) carried += 1;
    return messageOf(problems);
  });
  expect(leaks(said)).toEqual([]);
  // Mutation: printed as they are, without what formatProblem does, these problems would repeat it.
  expect(carried).toBeGreaterThan(100);
});

test('no message about an overlay repeats a secret', () => {
  const { name: _name, ...rest } = base;
  const said = spread(5, (token, place) => {
    const overlay = { ...rest, ...plantedAt(place, token), leaveOut: { demo: token }, nodes: { [token]: { cpus: token } } };
    return messageOf(problemsIn(baseText, JSON.stringify(overlay)));
  });
  expect(said.filter(([, message]) => !message.includes('overlay over'))).toEqual([]);
  expect(leaks(said)).toEqual([]);
});

test.each(Object.entries(tokens))('no message about broken YAML repeats %s, and each names line and column', (_, token) => {
  // Mutation: the parser's own messages quote the file.
  expect(leaks(broken(token).map((text) => [token, parseDocument(text).errors.join('\n')]))).not.toEqual([]);
  for (const text of broken(token)) {
    const problems = problemsIn(text);
    expect(leaks([[token, messageOf(problems)]])).toEqual([]);
    const faults = problems.filter(({ id }) => id === 'yaml');
    expect(faults.filter(({ line, column }) => line === undefined || column === undefined)).toEqual([]);
  }
});

test.each(Object.entries(tokens))('no message about a fleet or an overlay that is called like %s repeats it', (_, token) => {
  for (const wanted of [
    { fleet: token },
    { fleet: `${token}.yaml` },
    { fleet: `/tmp/${token}/${token}.yaml` },
    { fleet: 'lab', overlay: token },
  ]) {
    const refused = (() => {
      try {
        return loadFleet({ root, ...wanted });
      } catch (error) {
        return error;
      }
    })();
    expect(refused).toBeInstanceOf(UserError);
    expect(leaks([[token, (refused as Error).message]])).toEqual([]);
  }
});

test('the base of all this is accepted as it is', () => expect(problemsIn(baseText)).toEqual([]));
