import type { ResolvedCluster } from '../../model/resolved-fleet';
import { componentSecretsName, scriptAddress } from '../../model/terraform-names';
import type { Deployment } from '../deployment/deployment';
import type { Answer } from './checks';
import { kubectl } from './kubectl';

/** A Secret that a component has laid down. */
interface LaidSecret {
  readonly component: string;
  readonly namespace: string;
  readonly name: string;
}

const pathOf = ({ namespace, name }: Pick<LaidSecret, 'namespace' | 'name'>): string => `${namespace}/${name}`;

const demandsOf = ({ components }: ResolvedCluster): readonly LaidSecret[] =>
  components.flatMap(({ id, namespace, secrets }) => secrets.map(({ name }) => ({ component: id, namespace: namespace.name, name })));

/**
 * Secrets that components of a cluster want and that are not there; Terraform sees the script that laid them down, not them. A cluster whose components want
 * none is not asked.
 * @returns `null` where the API does not tell
 */
export async function missingSecrets(deployment: Deployment, cluster: ResolvedCluster): Promise<readonly LaidSecret[] | null> {
  const wanted = demandsOf(cluster);
  if (wanted.length === 0) return [];
  const ours = await paths(deployment, cluster, ['--all-namespaces', `--selector=flotilla.dev/uid=${deployment.model.uid}`]);
  if (ours === null) return null;
  // Those that somebody else keeps by now, such as External Secrets, may have lost our label.
  const open = wanted.filter((secret) => !ours.has(pathOf(secret)));
  const found = await Promise.all(
    open.map(({ namespace, name }) => paths(deployment, cluster, [`--namespace=${namespace}`, `--field-selector=metadata.name=${name}`])),
  );
  return found.includes(null) ? null : open.filter((_, index) => found[index]!.size === 0);
}

/** The address of the script that lays a component's Secrets down. */
export const layingScript = (component: string): string => scriptAddress(componentSecretsName(component));

/** What `flotilla verify` is told of the Secrets of each component that has any. */
export async function askSecrets(deployment: Deployment, cluster: ResolvedCluster): Promise<readonly Answer[]> {
  const missing = await missingSecrets(deployment, cluster);
  return cluster.components
    .filter(({ secrets }) => secrets.length > 0)
    .map(({ id, namespace, secrets }) => {
      const gone = missing?.filter(({ component }) => component === id).map(pathOf) ?? [];
      const names = secrets.map(({ name }) => name);
      const check = {
        description: 'the Secrets that were laid down for it are there',
        command: ['kubectl', '--namespace', namespace.name, 'get', 'secrets', ...names, '--output', 'name'],
        hint: 'npx flotilla up lays them down again, with the values that they had',
      };
      const said = missing === null ? 'the API does not tell' : gone.map((path) => `there is no Secret ${path}`).join('\n');
      return { cluster: cluster.name, component: id, check, result: said === '' ? 'holds' : 'fails', said };
    });
}

// Names only: not even our own program is shown what is in them.
async function paths(deployment: Deployment, cluster: ResolvedCluster, which: readonly string[]): Promise<ReadonlySet<string> | null> {
  const template = '--output=jsonpath={range .items[*]}{.metadata.namespace}/{.metadata.name}{"\\n"}{end}';
  const text = await kubectl(deployment, cluster, ['get', 'secrets', ...which, template]);
  return text === null ? null : new Set(text.split('\n').filter((line) => line !== ''));
}
