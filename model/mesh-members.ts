import type { ContextCluster } from '../components/define';
import { overlap } from '../config/cidr';

type Member = Pick<ContextCluster, 'name' | 'id' | 'podCidr'>;

/** As many as there are ids. */
const mostMembers = 255;

/** Why clusters cannot be one mesh, a sentence each: there, identities decide on policies and pods are reached by their addresses. */
export function meshFaults(members: readonly Member[]): readonly string[] {
  // Pairs of so many would be as many sentences as nobody reads.
  if (members.length > mostMembers)
    return [`the mesh has ${members.length} clusters, and Cilium takes ${mostMembers}; divide them among several meshes`];
  return members.flatMap((one, index) =>
    members
      .slice(index + 1)
      .flatMap((other) => [
        ...(one.name === other.name ? [`two clusters of the mesh are called "${one.name}"; rename one of the two`] : []),
        ...(one.id === other.id
          ? [`clusters "${one.name}" and "${other.name}" have the same id ${one.id} in the mesh; give each an id of its own, 1 to 255`]
          : []),
        ...(overlap(one.podCidr, other.podCidr)
          ? [
              `pods of "${one.name}" (${one.podCidr}) and "${other.name}" (${other.podCidr}) share addresses; give one of the two another podCidr`,
            ]
          : []),
      ]),
  );
}
