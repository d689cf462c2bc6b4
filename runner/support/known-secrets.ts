import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Short words would be found everywhere, and are no secret of ours. */
const shortest = 12;

/** What the deployment keeps secret, as it would be seen elsewhere: lines and values of its secret files, and their base64. */
export function knownSecrets(folder: string): readonly string[] {
  const texts = ['secrets', 'kubeconfig'].flatMap((part) => files(join(folder, part))).map((file) => readFileSync(file, 'utf8'));
  const values = texts.flatMap((text) => [...linesOf(text), ...fieldsOf(text)]).filter((value) => !isPublic(value));
  // What a person brought is secret whatever it looks like: a URL more often than not.
  const brought = files(join(folder, 'secrets/brought')).flatMap((file) => linesOf(readFileSync(file, 'utf8')));
  const wanted = [...values, ...brought].filter((value) => value.length >= shortest);
  return [...new Set(wanted.flatMap((value) => [value, Buffer.from(value).toString('base64').replace(/=+$/, '')]))];
}

const linesOf = (text: string): readonly string[] => [text.trim(), ...text.split('\n').map((line) => line.trim())];

/** `client-key-data: …` of a kubeconfig, `"token": "…"` of a JSON. */
const fieldsOf = (text: string): readonly string[] =>
  [...text.matchAll(/^\s*["']?[\w.-]+["']?\s*:\s*["']?([^\s"',]+)["']?,?\s*$/gm)].map(([, value]) => value!);

/** Frames of PEM, public keys, addresses, and names of a kubeconfig: many harmless files say the same. */
const isPublic = (value: string): boolean =>
  /^-----(BEGIN|END) |^(ssh-ed25519|ecdsa-|ssh-rsa) |^[\w.-]+ ssh-|^https?:\/\/|^[\w.-]+:( |$)|^- (name|cluster|user|context)|^[a-z0-9.-]*\.[a-z]+$|^kind: |^current-context/.test(
    value,
  );

function files(folder: string): readonly string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.name.endsWith('.pub') && !entry.parentPath.endsWith('known_hosts.d'))
    .map((entry) => join(entry.parentPath, entry.name));
}
