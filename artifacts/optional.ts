import { existsSync } from 'node:fs';
import type { Artifact, PrepareEvent } from './artifact';
import { collectorArtifacts } from './collectors';
import { artifactFolder, make } from './engine';
import { goArtifact } from './go-programs';
import { artifactKeys } from './keys';
import { vaultArtifact } from './vault';
import { versions } from './versions';

const helmVersion = 'v3.21.4';

/** Programs that are made only when somebody asks for one by its id; a deployment needs one only where a stand-in runs it. */
export const optionalArtifacts: readonly Artifact[] = Object.freeze([
  vaultArtifact,
  goArtifact({
    id: 'helm',
    summary: `Helm ${helmVersion}, which renders charts`,
    estimateSeconds: 100,
    programs: ['helm.sh/helm/v3/cmd/helm'],
    // Without the minor it takes every cluster for Kubernetes 1.20.
    variables: {
      'helm.sh/helm/v3/internal/version.version': helmVersion,
      'helm.sh/helm/v3/pkg/chartutil.k8sVersionMajor': '1',
      'helm.sh/helm/v3/pkg/chartutil.k8sVersionMinor': versions.kubernetes.split('.')[1]!,
    },
  }),
  goArtifact({
    id: 'kubeconform',
    summary: 'kubeconform, which holds objects against schemas',
    estimateSeconds: 5,
    programs: ['github.com/yannh/kubeconform/cmd/kubeconform'],
  }),
  goArtifact({
    id: 'query-check',
    summary: "query-check, which parses queries with Prometheus' and Loki's parsers",
    estimateSeconds: 120,
    // Loki's module has both parsers.
    module: 'loki',
    programs: ['../query-check/query-check.go'],
  }),
  {
    id: 'kubernetes-schemas',
    summary: `what Kubernetes ${versions.kubernetes} says of its kinds, as JSON schemas`,
    script: 'artifacts/build/kubernetes-schemas.sh',
    inputs: ['artifacts/sources/kubernetes'],
    needs: [],
    settings: { source: 'artifacts/sources/kubernetes', module: 'k8s.io/kubernetes' },
    usesGo: true,
    estimateSeconds: 5,
    remedy: 'see whether the Go module proxy answers (`go env GOPROXY`)',
  },
  ...collectorArtifacts,
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
