import type { Artifact } from './artifact';

/** Later tags mix with no version of their own sdk module that the proxy serves. */
export const vaultVersion = '1.21.0';

export const vaultArtifact: Artifact = {
  id: 'vault',
  summary: `Vault ${vaultVersion} with Kubernetes auth`,
  script: 'artifacts/build/vault.sh',
  inputs: ['artifacts/sources/vault'],
  needs: [],
  settings: { source: 'artifacts/sources/vault', programs: ['flotilla.dev/offline/vault'] },
  usesGo: true,
  estimateSeconds: 400,
  remedy: 'see whether the Go module proxy answers (`go env GOPROXY`), whether Go is 1.26.4 or newer and 4 GiB of memory are free',
};
