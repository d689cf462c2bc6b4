import type { Manifest } from '../../components/define';
import { load, resolveFresh } from '../support/fleet-fixture';

interface ExternalSecret extends Manifest {
  readonly spec: { readonly data?: readonly { readonly remoteRef: { readonly key: string } }[] };
}

/** Keys that a cluster's reader is not let into: the policy opens `kv/<cluster>/*` and nothing else. */
const forbidden = (cluster: string, objects: readonly Manifest[]): readonly string[] =>
  objects
    .filter(({ kind }) => kind === 'ExternalSecret')
    .flatMap((object) => (object as ExternalSecret).spec.data ?? [])
    .map(({ remoteRef }) => remoteRef.key)
    .filter((key) => !key.startsWith(`${cluster}/`));

const clusters = resolveFresh(load('trio')).clusters.map(({ name, components }) => ({
  name,
  objects: components.flatMap(({ resources }) => resources),
}));

test('what a cluster fetches from Vault lies in its own folder, which is all that it may read', () => {
  expect(clusters.flatMap(({ name, objects }) => forbidden(name, objects))).toEqual([]);
  // The twins: there is something to look at, and a folder of nobody is found.
  const [hub, ...others] = clusters;
  expect(forbidden('nobody', hub!.objects).length).toBeGreaterThan(1);
  expect(forbidden(others[0]!.name, hub!.objects).length).toBeGreaterThan(1);
});
