import { formatProblem } from '../config/problem';
import { refusedShape } from '../config/secret-shapes';
import { isValues } from './merge-values';
import { namedInText, namedSecrets } from './secret-keys';

export interface ShownSecret {
  readonly path: readonly (string | number)[];
  /** As much of it as anybody may see. */
  readonly value: string;
  readonly rule: string;
  readonly remedy: string;
}

/** Where what is said ends up, and where it belongs instead. */
export interface Place {
  readonly lies: string;
  readonly remedy: string;
}

const inValues: Place = {
  lies: "values lie readable in Terraform's state, in Helm's records and in the file itself",
  remedy: "write it to secrets/brought/<name> in the deployment's folder and name it under components.secrets (docs/guide/secrets.md)",
};

/** What is no value of a chart: settings of a fleet, words of a command. */
export const asSetting: Place = {
  lies: "the file lies readable, and what steps are told in Terraform's state too",
  remedy: 'keep it where your passwords are, and let the program that needs it read it there',
};

/**
 * Every text below a value that looks like a secret, or stands where a password, a token or a key does.
 * @param path where the value is
 * @param place what it is for. @default - values of a chart
 */
export function secretsIn(value: unknown, path: ShownSecret['path'] = [], place: Place = inValues): readonly ShownSecret[] {
  const shown = (at: ShownSecret['path'], seen: string, what: string): ShownSecret => ({
    path: at,
    value: `${seen}…`,
    rule: `${what}: ${place.lies}`,
    remedy: place.remedy,
  });
  const inKey = (key: string | number): readonly ShownSecret[] => {
    const found = typeof key === 'string' ? refusedShape(key) : null;
    return found === null ? [] : [shown([...path, key], found.seen, `the name of this field is ${found.kind}`)];
  };
  if (typeof value === 'string') {
    const found = secretIn(value);
    return found === null ? [] : [shown(path, found.seen, found.what)];
  }
  const inner = childrenOf(value).flatMap(([key, child]) => [...inKey(key), ...secretsIn(child, [...path, key], place)]);
  const named = namedSecrets(value, path.at(-1)).map(({ path: below, name }) =>
    shown([...path, ...below], '', `stands in plain text as ${name}`),
  );
  // What is known by its shape is not said again by its name.
  const known = new Set(inner.map(pathText));
  return [...named.filter((one) => !known.has(pathText(one))), ...inner];
}

const pathText = ({ path }: ShownSecret): string => JSON.stringify(path);

const childrenOf = (value: unknown): readonly [string | number, unknown][] => {
  if (Array.isArray(value)) return value.map((child, index) => [index, child]);
  return isValues(value) ? Object.entries(value) : [];
};

/** In one line: where, as much of it as may be shown, why, and what to do. */
export const describeSecret = (shown: ShownSecret): string => formatProblem({ id: 'secret-values', ...shown });

function secretIn(text: string): { readonly what: string; readonly seen: string } | null {
  const shape = refusedShape(text);
  if (shape !== null) return { what: `is ${shape.kind}`, seen: shape.seen };
  const name = namedInText(text);
  return name === null ? null : { what: `holds ${name} in plain text`, seen: '' };
}
