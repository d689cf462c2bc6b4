import type { Call } from './terraform-lab';

/** What can become of a call: refused, never answered, killed before it did anything, killed when all was done. */
const actions = ['exit', 'hang', 'kill', 'late'] as const;

export interface Fault {
  /** As the fakes count: `tart-clone/hub-cp-1`, or `tart-list` for what is asked about all. */
  readonly key: string;
  /** What is called, e.g. `tart-clone`. */
  readonly program: string;
  readonly nth: number;
  readonly action: (typeof actions)[number];
}

export const wordsOf = ({ key, nth, action }: Fault): string => `${key}:${nth}:${action}`;

/** Programs whose calls are ours to break; of SSH the first contact, because it alone belongs to a provider. */
const programOf = ({ program, what }: Call): string | null =>
  /^(tart|launchctl|multipass)-/.test(program) ? program : what.startsWith('guest/01-') ? what : null;

/**
 * Every call that a run made, with everything that can become of it, spread over the nodes so that each round breaks one call of each: machines do not
 * depend on each other, so a call of one node stands for the same call of all. A call that is new in a script is in here by itself.
 */
export function faultRounds(calls: readonly Call[], nodes: readonly string[]): readonly (readonly Fault[])[] {
  const counts = new Map<string, number>();
  const count = (key: string): void => void counts.set(key, (counts.get(key) ?? 0) + 1);
  for (const call of calls) {
    const program = programOf(call);
    if (program === null) continue;
    if (call.node === nodes[0]) count(`${program}/node`);
    else if (!nodes.includes(call.node)) count(call.node === '' ? program : `${program}/${call.node}`);
  }
  const faults = [...counts].flatMap(([key, last]) =>
    Array.from({ length: last }, (_, index) => index + 1).flatMap((nth) =>
      actions.map((action): Fault => ({ key, program: key.split('/node')[0]!, nth, action })),
    ),
  );
  const [own, shared] = [faults.filter(({ key }) => key.endsWith('/node')), faults.filter(({ key }) => !key.endsWith('/node'))];
  // One that concerns all ends what comes after, so it has rounds of its own.
  return [
    ...chunks(own, nodes.length).map((round) => round.map((fault, index) => ({ ...fault, key: `${fault.program}/${nodes[index]}` }))),
    ...shared.map((fault) => [fault]),
  ];
}

const chunks = <T>(all: readonly T[], size: number): T[][] =>
  Array.from({ length: Math.ceil(all.length / size) }, (_, index) => all.slice(index * size, (index + 1) * size));
