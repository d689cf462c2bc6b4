import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { UserError } from '../../config/problem';

export interface ArchivedImage {
  /** In full, as nodes know it: `docker.io/library/app:1`. */
  readonly name: string;
  /** `sha256:…` of what the name stands for: its manifest in an OCI layout, its configuration in a docker-archive, whose manifest the node makes. */
  readonly digest: string;
}

/** The images in a tar file as `docker save`, `podman save` or `skopeo` write it, packed with gzip or not. @throws UserError when it is none, or an image has no name */
export function readArchive(file: string): readonly ArchivedImage[] {
  const manifest = member(file, 'manifest.json');
  const index = member(file, 'index.json');
  const images = index === null ? (manifest === null ? [] : dockerImages(file, parse(file, manifest))) : ociImages(parse(file, index));
  const remedy = 'make it with "docker save NAME:TAG --output FILE"';
  if (images.length === 0)
    throw new UserError(`${file}: is no docker-archive and no OCI layout in a tar file, or it holds no image; ${remedy}`);
  const nameless = images.find(({ name }) => name === '' || fullName(name) !== name);
  if (nameless === undefined) return images;
  const found = nameless.name === '' ? 'an image in it has no name' : `the image name "${nameless.name}" in it lacks its registry`;
  throw new UserError(`${file}: ${found}, so no pod could ask for it; ${remedy}`);
}

interface DockerEntry {
  readonly Config: string;
  readonly RepoTags?: readonly string[] | null;
}

function dockerImages(file: string, entries: unknown): readonly ArchivedImage[] {
  return (entries as readonly DockerEntry[]).flatMap(({ Config: path, RepoTags: tags }) => {
    const config = member(file, path);
    if (config === null) throw new UserError(`${file}: its manifest.json names ${path}, which is not in it; make the file again`);
    const digest = `sha256:${createHash('sha256').update(config).digest('hex')}`;
    return (tags?.length ? tags : ['']).map((tag) => ({ name: tag === '' ? '' : fullName(tag), digest }));
  });
}

interface OciIndex {
  readonly manifests?: readonly { readonly digest: string; readonly annotations?: Readonly<Record<string, string>> }[];
}

/** Containerd takes a name that is written out in full, in either annotation. */
const ociImages = (index: unknown): readonly ArchivedImage[] =>
  ((index as OciIndex).manifests ?? []).map(({ digest, annotations = {} }) => ({
    name: annotations['io.containerd.image.name'] ?? annotations['org.opencontainers.image.ref.name'] ?? '',
    digest,
  }));

/** A name as Docker understands it, written out: `app` is `docker.io/library/app:latest`. */
export function fullName(name: string): string {
  const [first, ...rest] = name.split('/') as [string, ...string[]];
  const hasRegistry = rest.length > 0 && (/[.:]/.test(first) || first === 'localhost');
  const path = hasRegistry ? name : rest.length > 0 ? `docker.io/${name}` : `docker.io/library/${name}`;
  return /[:@][^/]*$/.test(path) ? path : `${path}:latest`;
}

/** A member's bytes, `null` when the archive has none of that name. tar unpacks gzip by itself, and some archives begin every name with `./`. */
function member(file: string, name: string): Buffer | null {
  for (const path of [name, `./${name}`]) {
    const { status, stdout } = spawnSync('tar', ['-xOf', file, path], { maxBuffer: 64 * 1024 * 1024, stdio: ['ignore', 'pipe', 'ignore'] });
    if (status === 0) return stdout;
  }
  return null;
}

function parse(file: string, text: Buffer): unknown {
  try {
    return JSON.parse(text.toString('utf8'));
  } catch {
    throw new UserError(`${file}: its list of images is no JSON; make the file again`);
  }
}
