import { existsSync } from 'node:fs';
import type { Artifact, PrepareEvent } from './artifact';
import { artifactFolder, make } from './engine';
import { artifactKeys } from './keys';
import { versions } from './versions';

const helmVersion = 'v3.21.4';

/** Programs that no deployment needs: made only when somebody asks for one by its id. */
export const optionalArtifacts: readonly Artifact[] = Object.freeze([
  {
    id: 'vault',
    // Later tags mix with no version of their own sdk module that the proxy serves.
    summary: 'Vault 1.21.0 and its Kubernetes auth plugin, for the tests of its scripts',
    script: 'offline/build/vault.sh',
    inputs: ['offline/sources/vault'],
    needs: [],
    settings: {
      source: 'offline/sources/vault',
      programs: ['github.com/hashicorp/vault', 'github.com/hashicorp/vault-plugin-auth-kubernetes/cmd/vault-plugin-auth-kubernetes'],
    },
    usesGo: true,
    estimateSeconds: 400,
    remedy: 'see whether the Go module proxy answers (`go env GOPROXY`), whether Go is 1.26.4 or newer and 4 GiB of memory are free',
  },
]);

interface OptionalOptions {
  /** The repository's root. */
  readonly root: string;
  readonly cacheDir: string;
}

/**
 * The folder of an optional artifact, `null` when it was never made.
 * @throws Error when its key cannot be taken: there is no Go
 */
export function optionalFolder({ root, cacheDir }: OptionalOptions, id: string): string | null {
  const key = artifactKeys(root, optionalArtifacts).get(id);
  if (key === undefined)
    throw new Error(`there is no optional artifact "${id}": use one of ${optionalArtifacts.map((one) => one.id).join(', ')}`);
  const folder = artifactFolder(cacheDir, id, key);
  return existsSync(folder) ? folder : null;
}

/** Makes an optional artifact, unless it is there, and returns its folder. */
export async function prepareOptional(
  options: OptionalOptions & { readonly onEvent: (event: PrepareEvent) => void },
  id: string,
): Promise<string> {
  const [made] = await make({ ...options, artifacts: optionalArtifacts, only: [id] });
  return made!.folder;
}
