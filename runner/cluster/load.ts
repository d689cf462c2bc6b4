import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { packageRoot } from '../../config/package-root';
import { UserError } from '../../config/problem';
import type { ResolvedNode, ResolvedProvider } from '../../model/resolved-fleet';
import type { Deployment } from '../deployment/deployment';
import { hostScript } from '../machines/host-script';
import { type ArchivedImage, fullName, readArchive } from './image-archive';

export interface Archive {
  readonly file: string;
  readonly images: readonly ArchivedImage[];
}

/** Which nodes are meant. @throws UserError for a cluster or node that there is not */
export function chosenNodes({ model }: Deployment, cluster: string | undefined, node: string | undefined): readonly ResolvedNode[] {
  const known = model.clusters.map(({ name }) => name);
  if (cluster !== undefined && !known.includes(cluster)) throw new UserError(`there is no cluster "${cluster}": ${known.join(', ')}`);
  const nodes = model.clusters.filter(({ name }) => cluster === undefined || name === cluster).flatMap((one) => one.nodes);
  const chosen = nodes.filter(({ name }) => node === undefined || name === node);
  if (chosen.length === 0) throw new UserError(`there is no node "${node}": ${nodes.map(({ name }) => name).join(', ')}`);
  return chosen;
}

/** A folder for what docker saves, of nobody else's to read: an image may hold what its owner would not show. The caller removes it. */
export const scratchFolder = (): string => mkdtempSync(join(tmpdir(), 'flotilla-load-'));

/** A file as it is, or an image that docker or podman of this host hold, saved into `scratch`. @throws UserError */
export function findArchive(wanted: string, scratch: string, environment: NodeJS.ProcessEnv = process.env): Archive {
  if (existsSync(wanted)) return { file: wanted, images: readArchive(wanted) };
  if (/\.(tar|tgz|tar\.gz)$/.test(wanted)) throw new UserError(`${wanted}: there is no such file`);
  const tried: string[] = [];
  const file = join(scratch, `${wanted.replace(/[^a-z0-9.]+/gi, '-')}.tar`);
  for (const [program, ...format] of [['docker'], ['podman', '--format=docker-archive']] as const) {
    const { status, stderr, error } = spawnSync(program, ['save', ...format, '--output', file, wanted], {
      env: environment,
      encoding: 'utf8',
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    if (status !== 0) {
      tried.push(error === undefined ? `${program}: ${stderr.trim().split('\n').at(-1)}` : `${program} is not here`);
      continue;
    }
    const images = readArchive(file).filter(({ name }) => name === fullName(wanted));
    if (images.length > 0) return { file, images };
    tried.push(`${program} saved it under another name; write the name with its tag`);
  }
  throw new UserError(
    `"${wanted}" is no file, and no image that this host holds (${tried.join('; ')}); build it, or give the tar file of "docker save"`,
  );
}

export interface Loaded {
  readonly node: string;
  /** Names that came anew; those that the node held already are left out. */
  readonly loaded: readonly string[];
}

/** The script for nodes of this provider: where they are no machines, one of its own. @throws UserError where it has none */
export function loaderOf({ id, brings, scripts }: Pick<ResolvedProvider, 'id' | 'brings' | 'scripts'>): string {
  if (brings === 'machines') return 'host/load-image.sh';
  const own = `${scripts}/load-image.sh`;
  if (existsSync(resolve(packageRoot(), 'scripts', own))) return own;
  throw new UserError(`nodes of the provider "${id}" are no machines of ours, and it has no load-image.sh: load images with its own tools`);
}

/** Brings the images onto a node that lacks them. @throws Failure */
export async function loadOnto(
  { model, folder, environment }: Deployment,
  node: string,
  { file, images }: Archive,
  lock: number,
): Promise<Loaded> {
  const output = await hostScript(loaderOf(model.provider), { deployment: folder, node, archive: file, images }, { environment, lock });
  return JSON.parse(output) as Loaded;
}
