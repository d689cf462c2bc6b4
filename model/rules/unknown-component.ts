import { suggestion } from '../../config/nearest';
import { clustersOf, type Rule } from './rule';

/** Components are named by the ids of the catalog. */
export const unknownComponent: Rule = {
  id: 'unknown-component',
  check: ({ spec, catalog }) => {
    const ids = catalog.map(({ id }) => id);
    return clustersOf(spec).flatMap(({ path, components }) => {
      const named = [
        ...(['add', 'remove'] as const).flatMap((list) =>
          components[list].map((id, index) => ({ path: [...path, 'components', list, index], id })),
        ),
        ...(['values', 'secrets'] as const).flatMap((field) =>
          Object.keys(components[field]).map((id) => ({ path: [...path, 'components', field, id], id })),
        ),
      ];
      return named
        .filter(({ id }) => !ids.includes(id))
        .map(({ path: at, id }) => ({ path: at, value: id, rule: 'is no component', remedy: suggestion(id, ids) }));
    });
  },
};
