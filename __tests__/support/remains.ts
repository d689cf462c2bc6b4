import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';

export interface Remain {
  readonly kind: 'process' | 'mount' | 'link' | 'cgroup' | 'file' | 'table';
  readonly what: string;
}

/** What every machine that runs has of; before its end each kind must be seen, or an empty answer afterwards says nothing. */
export const kindsOfMachine = ['cgroup', 'file', 'link', 'mount', 'process'];
export const kindsOfLab = [...kindsOfMachine, 'table'];

/** What this host still has of one machine, or, without a node, of the whole deployment: its bridge, its table and its registry too. */
export function remains(uid: string, node?: string): readonly Remain[] {
  const data = `/var/lib/flotilla/${uid}`;
  const machine = node === undefined ? name(`f${uid}-[a-z0-9-]+`) : name(`f${uid}-${node}`);
  const path = node === undefined ? name(data) : name(`${data}/${node}`);
  const ofLab = node === undefined ? [name(`registry-${uid}(@[a-z0-9.-]+)?\\.yml`)] : [];
  const links = node === undefined ? [name(`vb-f${uid}-[a-z0-9-]+`), name(`fl${uid}`)] : [name(`vb-f${uid}-${node}`)];
  const groups = lines('find', '/sys/fs/cgroup', '-type', 'd', '-name', `f${uid}-*`);
  return [
    ...found('process', lines('ps', '-eo', 'args='), [machine, path, ...ofLab]),
    ...found('mount', readFileSync('/proc/mounts', 'utf8').split('\n'), [path]),
    // A name of more than 15 characters is an altname, which only the detailed form of one line shows for certain.
    ...found('link', lines('ip', '-o', '-d', 'link'), links),
    ...found('cgroup', groups, [machine]),
    ...files(data, node).map((what): Remain => ({ kind: 'file', what })),
    ...(node === undefined ? found('table', lines('nft', 'list', 'tables'), [name(`flotilla_${uid}`)]) : []),
  ];
}

export const kinds = (of: readonly Remain[]): readonly string[] => [...new Set(of.map(({ kind }) => kind))].sort();

/** The name and no longer one: `edge-worker-1` is not `edge-worker-10`, six digits are not the middle of a container's id. */
const name = (pattern: string): RegExp => new RegExp(`(?<![a-z0-9])${pattern}(?![a-z0-9-])`);

const found = (kind: Remain['kind'], where: readonly string[], wanted: readonly RegExp[]): Remain[] =>
  where.filter((line) => wanted.some((pattern) => pattern.test(line))).map((what) => ({ kind, what }));

function files(data: string, node?: string): readonly string[] {
  if (!existsSync(data)) return [];
  if (node === undefined) return [data];
  return readdirSync(data)
    .filter((file) => file === node || file.startsWith(`${node}.`))
    .map((file) => `${data}/${file}`);
}

// Groups of pods come and go while find looks, which it reports as an error.
function lines(program: string, ...args: string[]): readonly string[] {
  try {
    return execFileSync(program, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).split('\n');
  } catch (error) {
    const { stdout } = error as { stdout?: string };
    if (program === 'find' && stdout) return stdout.split('\n');
    throw error;
  }
}
