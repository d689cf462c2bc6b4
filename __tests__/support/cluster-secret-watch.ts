import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { deploymentFolder, uid } from './lab-command';

/** A bootstrap token's shape; a digit in the second half tells it from names with a dot, and events end in their hexadecimal time, 1…. */
const token = /\b[a-z0-9]{6}\.(?=[a-z]*\d)(?!1[0-9a-f]{15}\b)[a-z0-9]{16}\b/;
/** Its first line, as it is and in base64 (RSA, EC). */
const privateKey = /BEGIN [A-Z ]*PRIVATE KEY|LS0tLS1CRUdJTiBSU0EgUFJJ|LS0tLS1CRUdJTiBFQyBQUklW/;

/**
 * Looks at the command line and environment of every process of this host, those in the machines included, until it is ended; then searches
 * state, plans, stacks and logs, the registry's and the machines' own included, for the secrets that were made. `end` tells where something was seen; nothing is the good answer.
 */
export function watchForSecrets(): { end: () => Promise<readonly string[]> } {
  const seen = new Set<string>();
  const look = (): void => {
    for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
      for (const part of ['cmdline', 'environ']) {
        const text = readQuietly(`/proc/${pid}/${part}`);
        const name = readQuietly(`/proc/${pid}/comm`).trim();
        if (token.test(text)) seen.add(`a join token in the ${part} of a process: ${name} ${token.exec(text)?.[0].slice(0, 6)}…`);
        if (privateKey.test(text)) seen.add(`a private key in the ${part} of a process: ${name}`);
      }
    }
  };
  const timer = setInterval(look, 40);
  return {
    end: async () => {
      clearInterval(timer);
      look();
      const wanted = secrets();
      return [...seen, ...[deploymentFolder, ...machineLogs()].flatMap((folder) => searchFiles(folder, wanted))];
    },
  };
}

/** Where each machine's log folder is on this host. The registry's log lies in the deployment's folder. */
function machineLogs(): readonly string[] {
  const data = join('/var/lib/flotilla', uid());
  return readdirSync(data, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => join(data, name, 'upper', 'var', 'log'));
}

/** What must not be found, by kind: the key that opens the machines, the clusters' CA keys, the administrators' keys. */
export function secrets(): ReadonlyMap<string, string> {
  const found = new Map([['SSH key', secondLine(readFileSync(join(deploymentFolder, 'secrets', 'ssh', 'id_ed25519'), 'utf8'))]]);
  for (const cluster of ['hub', 'edge']) {
    const kubeconfig = parse(readFileSync(join(deploymentFolder, 'kubeconfig', cluster), 'utf8'));
    const adminKey: string = kubeconfig.users[0].user['client-key-data'];
    found.set(`admin key of ${cluster}`, adminKey.slice(100, 160));
    for (const name of ['ca.key', 'etcd/ca.key', 'sa.key']) {
      const key = execFileSync(process.execPath, ['cli/bin.cjs', 'ssh', `${cluster}-cp-1`, 'cat', `/etc/kubernetes/pki/${name}`], {
        encoding: 'utf8',
      });
      found.set(`${name} of ${cluster}`, secondLine(key));
    }
  }
  return found;
}

/** Where the secrets stand in files of the folder, but for the two places that are theirs. */
export function searchFiles(folder: string, wanted: ReadonlyMap<string, string>): readonly string[] {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((file) => !['secrets', 'kubeconfig'].some((place) => file.startsWith(join(folder, place))));
  return files.flatMap((file) => {
    // A log may be rotated away meanwhile.
    const text = readQuietly(file);
    const kinds = [...wanted].filter(([, secret]) => text.includes(secret)).map(([kind]) => kind);
    if (/\.(log|tfstate|json)$/.test(file) && token.test(text)) kinds.push('join token');
    return kinds.map((kind) => `${kind} in ${file}`);
  });
}

const secondLine = (text: string): string => text.split('\n')[1]!;

function readQuietly(file: string): string {
  try {
    return existsSync(file) ? readFileSync(file, 'latin1') : '';
  } catch {
    return '';
  }
}
