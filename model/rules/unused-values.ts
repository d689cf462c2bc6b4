import { selectComponents } from '../select-components';
import { clustersOf, type Rule } from './rule';

/** Values and secrets that nobody gets are a mistake: a removed component, or one of another cluster. */
export const idleValues: Rule = {
  id: 'idle-values',
  check: ({ spec, catalog }) =>
    clustersOf(spec).flatMap((cluster) => {
      const installed = new Set(selectComponents(cluster, catalog).components.map(({ id }) => id));
      return (['values', 'secrets'] as const).flatMap((field) =>
        Object.keys(cluster.components[field])
          .filter((id) => !installed.has(id) && catalog.some((component) => component.id === id))
          .map((id) => ({
            path: [...cluster.path, 'components', field, id],
            value: undefined,
            rule: `cluster "${cluster.name}" does not install ${id}`,
            remedy: `add ${id} to its components, or drop these ${field}`,
          })),
      );
    }),
};
