import { at } from '../../model/contracts/objects';
import type { Inventory, Pods } from './inventory';
import { madeSecrets } from './made-by-operators';
import { takenBy } from './secrets';
import type { Broken } from './violations';

/** Secrets without which a pod does not start, and that nobody brings: a wrong name in values is seen by nobody else before the pod hangs. */
export function missingSecrets({ releases, things, pods }: Inventory): readonly Broken[] {
  const rendered = things.flatMap(({ kind, namespace, name, object }) => {
    if (kind === 'Secret') return [`${namespace}/${name}`];
    if (kind === 'Certificate') return [`${namespace}/${String(at(object, 'spec', 'secretName'))}`];
    return kind === 'ExternalSecret' ? [`${namespace}/${String(at(object, 'spec', 'target', 'name') ?? name)}`] : [];
  });
  const laid = releases.flatMap(({ component: { namespace, secrets } }) => secrets.map(({ name }) => `${namespace.name}/${name}`));
  const there = new Set([...rendered, ...laid]);
  const isKnown = ({ namespace }: Pods, secret: string): boolean =>
    there.has(`${namespace}/${secret}`) ||
    madeSecrets.some(({ name }) => name === secret) ||
    releases.some(({ component, isUnknown }) => isUnknown && component.namespace.name === namespace);
  return pods.flatMap((one) =>
    takenBy(one)
      .filter(({ secret, isOptional }) => !isOptional && !isKnown(one, secret))
      .map(({ secret }) => ({
        release: one.by,
        value: `${one.workload} needs the Secret ${one.namespace}/${secret}`,
        rule: 'nobody makes it, and its pods will not start',
        remedy: `mend the name in the values of components/${one.by}.ts, or lay it down by \`secrets\``,
      })),
  );
}
