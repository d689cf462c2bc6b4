import { isValues } from '../merge-values';
import type { ResolvedCluster, ResolvedComponent } from '../resolved-fleet';
import { at, objectsOf } from './objects';

/** `<namespace>/<name>` of every Secret that is there only after External Secrets has brought it; one that is laid down before is not among them. */
export function broughtSecrets({ components }: Pick<ResolvedCluster, 'components'>): ReadonlySet<string> {
  const laid = new Set(components.flatMap(({ namespace, secrets }) => secrets.map(({ name }) => `${namespace.name}/${name}`)));
  const brought = components.flatMap((component) =>
    objectsOf(component, 'ExternalSecret').map(({ metadata, spec }) => {
      return `${metadata.namespace ?? component.namespace.name}/${at(spec, 'target', 'name') ?? metadata.name}`;
    }),
  );
  return new Set(brought.filter((name) => !laid.has(name)));
}

/** Those of the Secrets that a component cannot start without. */
export function mountsOf({ namespace, values, resources }: ResolvedComponent, secrets: ReadonlySet<string>): readonly string[] {
  const found = new Set<string>();
  // A name counts where its key, or the one above, speaks of a Secret: secretName, existingSecret, secretKeyRef.name …
  const walk = (value: unknown, key: string, above: string, optional: boolean): void => {
    if (typeof value === 'string' && !optional && /secret/i.test(`${above} ${key}`) && secrets.has(`${namespace.name}/${value}`))
      found.add(`${namespace.name}/${value}`);
    if (Array.isArray(value)) for (const inner of value) walk(inner, key, above, optional);
    else if (isValues(value) && value.kind !== 'ExternalSecret')
      for (const [name, inner] of Object.entries(value)) walk(inner, name, key, optional || value.optional === true);
  };
  walk(values, '', '', false);
  for (const resource of resources) walk(resource, '', '', false);
  return [...found];
}
