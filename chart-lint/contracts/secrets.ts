import { isValues } from '../../model/merge-values';
import { everyContainer } from '../containers';
import { type Inventory, type Loose, listAt, type Pods } from './inventory';
import type { Broken } from './violations';

/** One place where a pod takes something out of a Secret. */
interface Taken {
  readonly secret: string;
  /** `null`: all of it. */
  readonly key: string | null;
  readonly isOptional: boolean;
}

/** Secrets that are laid down and that nothing reads, or of which a key is read that they do not have. */
export function brokenSecrets({ releases, things, pods }: Inventory): readonly Broken[] {
  return releases.flatMap(({ component: { id, namespace, secrets } }) => {
    const neighbours = releases.filter(({ component }) => component.namespace.name === namespace.name);
    // Whoever reads it may be a chart that is not here.
    if (neighbours.some(({ isUnknown }) => isUnknown)) return [];
    // What is in no namespace may name a Secret of any.
    const here = things.filter((thing) => thing.namespace === namespace.name || thing.namespace === '');
    const taken = pods.filter((one) => one.namespace === namespace.name).flatMap(takenBy);
    return secrets.flatMap(({ name, keys }): Broken[] => {
      const remedy = `mend \`secrets\` of components/${id}.ts, or its values`;
      const reads = taken.filter(({ secret }) => secret === name);
      const wrong = reads.filter(({ key, isOptional }) => key !== null && !isOptional && !(key in keys)).map(({ key }) => key!);
      if (wrong.length > 0)
        return [...new Set(wrong)].map((key) => ({
          release: id,
          value: `secrets: ${name}`,
          rule: `a pod reads its key ${key}, and it has only ${Object.keys(keys).join(', ')}`,
          remedy,
        }));
      if (reads.length > 0 || here.some(({ kind, name: own, object }) => (kind === 'Secret' && own === name) || speaksOf(object, name)))
        return [];
      return [{ release: id, value: `secrets: ${name}`, rule: 'nothing that is rendered reads it', remedy }];
    });
  });
}

/** Custom objects name Secrets in fields of their own. */
function speaksOf(value: unknown, name: string, key = ''): boolean {
  if (Array.isArray(value)) return value.some((inner) => speaksOf(inner, name, key));
  if (isValues(value)) return Object.entries(value).some(([inner, part]) => inner !== 'metadata' && speaksOf(part, name, inner));
  return value === name && key !== 'image';
}

export function takenBy({ spec }: Pick<Pods, 'spec'>): readonly Taken[] {
  const volumes = listAt(spec, 'volumes').flatMap((volume) => {
    const { secret, projected } = volume as { secret?: Loose; projected?: Loose };
    return [
      secret && { ...secret, name: secret.secretName },
      ...listAt(projected, 'sources').map((source) => (source as Loose).secret as Loose),
    ];
  });
  const containers = everyContainer(spec);
  const variables = containers.flatMap((container) =>
    listAt(container, 'env').map((variable) => ((variable as Loose).valueFrom as Loose | undefined)?.secretKeyRef as Loose | undefined),
  );
  const whole = containers.flatMap((container) =>
    listAt(container, 'envFrom').map((from) => (from as Loose).secretRef as Loose | undefined),
  );
  const one = (found: Loose | undefined, keys: readonly (string | null)[]): readonly Taken[] =>
    typeof found?.name === 'string' ? keys.map((key) => ({ secret: found.name as string, key, isOptional: found.optional === true })) : [];
  return [
    ...volumes.flatMap((found) =>
      one(found, found?.items === undefined ? [null] : listAt(found, 'items').map((item) => String((item as Loose).key))),
    ),
    ...variables.flatMap((found) => one(found, [String(found?.key)])),
    ...whole.flatMap((found) => one(found, [null])),
  ];
}
