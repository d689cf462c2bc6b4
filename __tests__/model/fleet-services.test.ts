import type { Manifest } from '../../components/define';
import { componentOf, fake, idsOf, net, resolveWith, safe, twoClusters } from '../support/two-clusters';

const user = fake('user', { reaches: [safe] });
const mesh = fake('mesh', { namespace: { name: 'kube-system' }, provides: ['cni', 'mesh'] });
const kinds = (resources: readonly Manifest[]) => resources.map(({ kind, metadata }) => `${kind} ${metadata.namespace}/${metadata.name}`);

test('with a mesh, one name holds in every cluster and is global; an agent waits for nothing of it', () => {
  const fleet = resolveWith([mesh, safe, user]);
  const here = componentOf(fleet, 'center', 'safe').resources[0]!;
  const there = componentOf(fleet, 'edge', 'safe-fleet');
  for (const service of [here, there.resources[0]!])
    expect(service).toMatchObject({
      kind: 'Service',
      metadata: { name: 'safe-fleet', namespace: 'safe', annotations: { 'service.cilium.io/global': 'true' } },
      spec: { selector: { app: 'safe' }, ports: [{ port: 8200, targetPort: 8201 }] },
    });
  expect(there).toMatchObject({ namespace: { name: 'safe', podSecurity: 'restricted' }, dependsOn: [], ready: [], steps: [] });
  expect(componentOf(fleet, 'edge', 'user').dependsOn).toEqual([]);
  expect(idsOf(fleet, 'center')).not.toContain('safe-fleet');
});

test('without one, the name leads to a port of the nodes of the hub, by their recorded addresses', () => {
  const fleet = resolveWith([net, safe, user]);
  expect(componentOf(fleet, 'center', 'safe').resources[0]).toMatchObject({
    spec: { type: 'NodePort', ports: [{ port: 8200, nodePort: 31900 }] },
  });
  const { resources } = componentOf(fleet, 'edge', 'safe-fleet');
  expect(kinds(resources)).toEqual(['Service safe/safe-fleet', 'EndpointSlice safe/safe-fleet']);
  expect(resources[0]!.spec as object).not.toHaveProperty('selector');
  expect(resources[1]).toMatchObject({
    metadata: { labels: { 'kubernetes.io/service-name': 'safe-fleet' } },
    ports: [{ port: 31900 }],
    endpoints: [{ addresses: ['10.77.0.11'] }, { addresses: ['10.77.0.12'] }],
  });
});

test('where nothing leads there, and where the hub does not have it, that is said', () => {
  const leased = resolveWith([net, safe, user], twoClusters({ provider: 'multipass' }));
  expect(leased.warnings).toContain("user of edge cannot reach safe of center: nothing joins the clusters' services");
  const elsewhere = resolveWith([mesh, { ...safe, roles: [] }, user]);
  expect(elsewhere.warnings).toContain('user of edge would use safe, which center does not install');
  expect(resolveWith([mesh, safe, user]).warnings).toEqual([]);
});

test('in a cluster that stands alone the same name leads to what runs there, and what uses it comes after', () => {
  const alone = {
    budget: { memoryMiB: 4096 },
    clusters: [
      {
        name: 'one',
        id: 1,
        role: 'standalone' as const,
        components: { add: ['safe', 'user'] },
        nodes: [{ name: 'one-cp', role: 'control-plane' as const, memoryMiB: 2048 }],
      },
    ],
  };
  const fleet = resolveWith([safe, user], alone);
  expect(kinds(componentOf(fleet, 'one', 'safe').resources)).toEqual(['Service safe/safe-fleet']);
  expect(componentOf(fleet, 'one', 'user')).toMatchObject({ dependsOn: ['safe'], reaches: [] });
});
