import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

interface Stack {
  readonly resource?: Readonly<Record<string, Readonly<Record<string, { readonly depends_on?: readonly string[] }>>>>;
}

/** The stacks of a synthesis as a text: every address, and the addresses that it depends on. */
export function addressList(out: string): string {
  const stacks = readdirSync(join(out, 'stacks')).sort();
  return stacks
    .map((name) => {
      const { resource = {} } = JSON.parse(readFileSync(join(out, 'stacks', name, 'cdk.tf.json'), 'utf8')) as Stack;
      const lines = Object.entries(resource).flatMap(([type, named]) =>
        Object.entries(named).map(
          ([id, { depends_on: needs = [] }]) => `  ${type}.${id}${needs.length > 0 ? ` ← ${[...needs].sort().join(', ')}` : ''}`,
        ),
      );
      return [name, ...lines.sort()].join('\n');
    })
    .join('\n\n')
    .concat('\n');
}
