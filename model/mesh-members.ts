import type { ContextCluster } from '../components/define';
import { overlap } from '../config/cidr';

type Member = Pick<ContextCluster, 'name' | 'id' | 'podCidr'>;

/** Why clusters cannot be one mesh, a sentence each: there, identities decide on policies and pods are reached by their addresses. */
export function meshFaults(members: readonly Member[]): readonly string[] {
  return members.flatMap((one, index) =>
    members
      .slice(index + 1)
      .flatMap((other) => [
        ...(one.name === other.name ? [`two clusters of the mesh are called "${one.name}"`] : []),
        ...(one.id === other.id ? [`clusters "${one.name}" and "${other.name}" have the same id ${one.id} in the mesh`] : []),
        ...(overlap(one.podCidr, other.podCidr)
          ? [`pods of "${one.name}" (${one.podCidr}) and "${other.name}" (${other.podCidr}) share addresses`]
          : []),
      ]),
  );
}
