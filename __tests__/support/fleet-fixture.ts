import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type LoadedFleet, loadFleet, parseFleet } from '../../config/load';
import { chooseProvider } from '../../machines';
import { assignAddresses } from '../../model/deployment-identity';
import { type ResolveOptions, resolve } from '../../model/resolve';
import type { ResolvedFleet } from '../../model/resolved-fleet';

/** A document of Kubernetes or kubeadm, looked into by tests only. */
// biome-ignore lint/suspicious/noExplicitAny: expectations say what is in it
export type Json = any;

export const root = join(__dirname, '..', '..');

const texts = new Map<string, string | null>();

/** A file of the repository as it was when it was first read: a fleet is resolved hundreds of times, and nobody writes values meanwhile. */
export function readFile(path: string): string | null {
  const known = texts.get(path);
  if (known !== undefined) return known;
  const text = existsSync(join(root, path)) ? readFileSync(join(root, path), 'utf8') : null;
  texts.set(path, text);
  return text;
}

export const load = (fleet: string, overlay: string | null = null): LoadedFleet => loadFleet({ root, fleet, overlay });

export const fromText = (text: string, file = 'test.yaml'): LoadedFleet => parseFleet({ file, text });

/** Any fleet as a fresh deployment would resolve it; `auto` is nspawn, wherever the tests run. */
export function resolveFresh(fleet: LoadedFleet, more: Partial<ResolveOptions> = {}): ResolvedFleet {
  const wanted = fleet.spec?.provider ?? 'auto';
  const provider = chooseProvider(wanted === 'auto' ? 'nspawn' : wanted, {});
  const network = fleet.spec?.network ?? provider.cidr ?? '10.77.0.0/24';
  const nodes = provider.addresses === 'leased' ? [] : (fleet.spec?.clusters.flatMap((cluster) => cluster.nodes) ?? []);
  const deployment = { uid: 'a1b2c3', network, addresses: assignAddresses({ network, addresses: {} }, nodes) };
  return resolve({ fleet, deployment, provider, readFile, ...more });
}
