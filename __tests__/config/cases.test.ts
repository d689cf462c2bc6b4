import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import { parseFleet } from '../../config/load';
import { FleetError } from '../../config/problem';
import { machineProviders } from '../../machines';
import { problemsOf } from '../../model/validate';
import { resolveFresh, root } from '../support/fleet-fixture';

/** One input and what is said about it. */
interface Case {
  readonly it: string;
  /** The whole fleet file. @default - base.yaml with the changes below */
  readonly text?: string;
  readonly replace?: string;
  readonly by?: string;
  readonly and?: readonly (readonly [string, string])[];
  readonly overlay?: string;
  /** Helm values of the component demo. */
  readonly value?: unknown;
  readonly accepted?: true;
  readonly says?: readonly string[];
}

const folder = join(root, '__tests__/fixtures/cases');
const base = readFileSync(join(folder, 'base.yaml'), 'utf8');
const kinds = readdirSync(folder).filter((file) => file !== 'base.yaml');

function textOf({ text, replace, by = '', and = [], value }: Case): string {
  if (text !== undefined) return text;
  const changes = [...(replace === undefined ? [] : [[replace, by] as const]), ...and];
  const changed = changes.reduce((rest, [from, to]) => {
    if (!rest.includes(from)) throw new Error(`base.yaml has no ${JSON.stringify(from)}`);
    return rest.replace(from, () => to);
  }, base);
  if (value === undefined) return changed;
  const tree = parse(changed);
  tree.clusters[0].components.values.demo = value;
  return stringify(tree);
}

describe.each(kinds)('%s', (file) => {
  const cases = parse(readFileSync(join(folder, file), 'utf8')) as Case[];
  test.each(cases)('$it', (one) => {
    const overlay = one.overlay === undefined ? null : { name: 'over', text: one.overlay };
    const fleet = parseFleet({ file: 'case.yaml', text: textOf(one), overlay });
    const problems = problemsOf({ fleet, providers: machineProviders });
    const { message } = new FleetError('case', problems);
    if (one.accepted) {
      expect(problems.map(({ rule }) => rule)).toEqual([]);
      expect(resolveFresh(fleet).clusters.length).toBeGreaterThan(0);
      return;
    }
    expect(problems.length).toBeGreaterThan(0);
    expect(one.says!.filter((words) => !message.includes(words)).map((words) => `${words} | ${message}`)).toEqual([]);
    expect(message).not.toMatch(/canary|Y2FuYXJ5|jYW5hcn/i);
    // One line for each problem, none of them long.
    expect(message.split('\n').slice(1)).toHaveLength(problems.length);
  });
});

test('there are at least a hundred cases', () => {
  expect(kinds.flatMap((file) => parse(readFileSync(join(folder, file), 'utf8')) as Case[]).length).toBeGreaterThan(100);
});

test('the base of every case is accepted', () => {
  expect(problemsOf({ fleet: parseFleet({ file: 'base.yaml', text: base }), providers: machineProviders })).toEqual([]);
});
