import '../../constructs/quiet-stack-traces';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { App, Testing } from 'cdktf';
import { catalog } from '../../components';
import type { ResolvedCluster, ResolvedFleet } from '../../model/resolved-fleet';
import { makeStacks } from '../../stacks';
import { dataEdges } from '../support/data-graph';
import { load, resolveFresh, root } from '../support/fleet-fixture';
import { componentEdges, type Json, redundant, resourceEdges } from '../support/stack-graph';

const fleets = readdirSync(join(root, 'fleets')).flatMap((file) => (file.endsWith('.yaml') ? [file.slice(0, -'.yaml'.length)] : []));
const elsewhere = ['tart', 'trio', 'kind'].map((name) => [name, 'nspawn'] as const);

/** The JSON of every platform stack, by cluster. */
function platforms(fleet: ResolvedFleet): ReadonlyMap<string, Json> {
  const stacks = makeStacks(new App({ outdir: Testing.app().outdir }), fleet);
  return new Map(fleet.clusters.map(({ name }) => [name, JSON.parse(Testing.synth(stacks.get(`${name}-platform`)!))]));
}

describe.each([...fleets.map((name) => [name, null] as const), ...elsewhere])('the fleet %s (overlay %s)', (name, overlay) => {
  const loaded = load(name, overlay);
  const source = loaded.spec?.provider === 'auto' || overlay !== null ? 'offline' : 'official';
  const fleet = resolveFresh(loaded, { source });
  const stacks = platforms(fleet);

  test.each(fleet.clusters.map((cluster) => [cluster.name, cluster] as const))(
    '%s waits for what its components say, no more and no less',
    (_, cluster) => {
      expect(componentEdges(stacks.get(cluster.name)!)).toEqual(dataEdges(cluster, catalog));
    },
  );

  test('nobody is told twice to wait, and everything that is made is there before it is used', () => {
    for (const json of stacks.values()) {
      expect(redundant(json)).toEqual([]);
      expect(untimely(json)).toEqual([]);
    }
  });
});

/** Releases whose namespace or Secrets may come after them. */
function untimely(json: Json): readonly string[] {
  const edges = resourceEdges(json);
  const reach = (from: string): string[] => (edges.get(from) ?? []).flatMap((needed) => [needed, ...reach(needed)]);
  return Object.entries(json.resource.helm_release ?? {}).flatMap(([name, { namespace }]) => {
    const wanted = [`kubernetes_namespace_v1.namespace-${namespace}`, `null_resource.secrets-${name}`].filter((address) =>
      edges.has(address),
    );
    const there = new Set(reach(`helm_release.${name}`));
    return wanted.filter((address) => !there.has(address)).map((address) => `${name} may start before ${address}`);
  });
}

describe('sabotage: a stack', () => {
  const cluster = (): { cluster: ResolvedCluster; json: Json } => {
    const fleet = resolveFresh(load('lab'));
    return { cluster: fleet.clusters[0]!, json: platforms(fleet).get(fleet.clusters[0]!.name)! };
  };
  /** A release's `depends_on` as a saboteur wants it. */
  const rewire = (json: Json, release: string, change: (needs: readonly string[]) => readonly string[]): Json => {
    const block = json.resource.helm_release![release]!;
    const helm_release = { ...json.resource.helm_release, [release]: { ...block, depends_on: change(block.depends_on ?? []) } };
    return { ...json, resource: { ...json.resource, helm_release } };
  };

  test.each<[string, string, (needs: readonly string[]) => readonly string[]]>([
    ['that lacks an edge', 'demo', (needs) => needs.filter((one) => !one.includes('local-path'))],
    ['that waits without need', 'metrics-server', (needs) => [...needs, 'null_resource.gate-local-path']],
    [
      'that passes a gate by',
      'demo',
      (needs) => needs.map((one) => one.replace('null_resource.gate-local-path', 'helm_release.local-path')),
    ],
  ])('%s is noticed', (_, release, change) => {
    const { cluster: wanted, json } = cluster();
    expect(componentEdges(json)).toEqual(dataEdges(wanted, catalog));
    expect(componentEdges(rewire(json, release, change))).not.toEqual(dataEdges(wanted, catalog));
  });

  test('that says an edge twice, or forgets a namespace, is noticed', () => {
    const { json } = cluster();
    expect(redundant(rewire(json, 'demo', (needs) => [...needs, 'null_resource.gate-bridge-cni']))).toEqual([
      'helm_release.demo <- null_resource.gate-bridge-cni',
    ]);
    expect(untimely(rewire(json, 'demo', (needs) => needs.filter((one) => !/namespace|limits|quota/.test(one))))).toEqual([
      'demo may start before kubernetes_namespace_v1.namespace-demo',
    ]);
  });
});
