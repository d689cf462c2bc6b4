import type { Component, Role } from '../../components/define';
import { selectComponents } from '../select-components';
import { clustersOf, type Rule } from './rule';

/**
 * Why a component must not be in clusters of a role; `null` where it may. A service of the fleet has one place: in an agent, where its Service is there with the
 * same labels, its pods would get what is meant for the hub's, logins and logs of every cluster.
 */
export function whyForbidden({ never, serves = [] }: Component, role: Role): string | null {
  if (never?.includes(role)) return '';
  if (role !== 'agent' || serves.length === 0) return null;
  return `: the mesh would send it what is meant for ${serves.map(({ name }) => name).join(', ')} of the hub`;
}

/** A component that must not be in clusters of a role is not, whoever asks for it. */
export const forbiddenRole: Rule = {
  id: 'forbidden-role',
  check: ({ spec, catalog }) =>
    clustersOf(spec).flatMap((cluster) => {
      const { components } = selectComponents(cluster, catalog);
      return components
        .map((component) => ({ id: component.id, why: whyForbidden(component, cluster.role) }))
        .filter(({ why }) => why !== null)
        .map(({ id, why }) => {
          const index = cluster.components.add.indexOf(id);
          const needing = components.filter(({ requires }) => requires?.some((target) => typeof target !== 'string' && target.id === id));
          const unwanted = index >= 0 ? [id] : needing.map((one) => one.id);
          return {
            path: [...cluster.path, 'components', 'add', ...(index >= 0 ? [index] : [])],
            value: index >= 0 ? id : undefined,
            rule: `${id} must not be in cluster "${cluster.name}", which is of role ${cluster.role}${why}`,
            remedy: `drop ${unwanted.join(', ')} from its components, or add it to a cluster of another role`,
          };
        });
    }),
};
