import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { VaultServer } from './vault-server';

/** Programs that a script might hand a secret to. */
const programs = 'jq curl cat sed tail head tr grep mv cmp chmod mkdir mktemp rm sync sleep date dirname basename openssl kubectl'.split(
  ' ',
);

export interface Watched {
  /** For the script that is to be watched. */
  readonly environment: { readonly PATH: string };
  /** All command lines and environments that there were. */
  readonly seen: () => string;
  /** Where secrets were seen, by their names: processes, and files that are not made for them. */
  readonly leaks: (secrets: Readonly<Record<string, string>>, said?: string) => readonly string[];
}

/** Before any program of a script runs, the command line and environment of it and of all who called it are written down. */
export function watch(vault: VaultServer): Watched {
  const bin = mkdtempSync(join(vault.root, 'watched-'));
  const record = join(bin, 'seen');
  const sources = join(vault.deployment, 'sources.json');
  for (const program of programs) {
    const real =
      program === 'kubectl' ? kubectlOf(sources) : spawnSync('sh', ['-c', `command -v ${program}`], { encoding: 'utf8' }).stdout.trim();
    writeFileSync(join(bin, program), shim(record, real));
    chmodSync(join(bin, program), 0o755);
  }
  if (existsSync(sources)) writeFileSync(sources, JSON.stringify({ bin }));
  const seen = (): string => readFileSync(record, 'latin1');
  return {
    environment: { PATH: `${bin}:${process.env.PATH}` },
    seen,
    leaks: (secrets, said = '') => {
      const texts: [string, string][] = [['a process', seen()], ['what was said', said], ...filesOf(vault)];
      return texts.flatMap(([where, text]) =>
        Object.entries(secrets)
          .filter(([, secret]) => text.includes(secret))
          .map(([name]) => `${name} in ${where}`),
      );
    },
  };
}

function kubectlOf(sources: string): string {
  if (!existsSync(sources)) return '/bin/false';
  const { bin } = JSON.parse(readFileSync(sources, 'utf8'));
  // Watched before: the shim would call itself.
  if (basename(bin).startsWith('watched-')) throw new Error('watch a Vault once');
  return join(bin, 'kubectl');
}

const shim = (record: string, real: string): string => `#!/usr/bin/env bash
process="$$"
while [[ "$process" -gt 1 ]]; do
  { /usr/bin/tr '\\0' '\\n' <"/proc/$process/cmdline" && /usr/bin/tr '\\0' '\\n' <"/proc/$process/environ"; } >>'${record}' 2>/dev/null || true
  read -r stat <"/proc/$process/stat" 2>/dev/null || break
  stat="\${stat##*) }"
  stat="\${stat#* }"
  process="\${stat%% *}"
done
exec '${real}' "$@"
`;

/** Everything beside the deployment and in it, but for the folders that are made for secrets and Vault's own data. */
function filesOf(vault: VaultServer): [string, string][] {
  const own = [join(vault.deployment, 'secrets'), join(vault.deployment, 'kubeconfig'), join(vault.root, 'data'), join(vault.root, 'api')];
  return readdirSync(vault.root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((file) => !own.some((folder) => file.startsWith(`${folder}/`)))
    .map((file) => [file.slice(vault.root.length), readFileSync(file, 'latin1')]);
}
