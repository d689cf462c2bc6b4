import '../../constructs/quiet-stack-traces';
import { App, Testing } from 'cdktf';
import type { Step } from '../../components/define';
import { fillWords } from '../../model/fill-words';
import { makeStacks } from '../../stacks';
import type { Json } from '../support/fleet-fixture';
import { componentOf, net, resolveWith, safe, twoClusters } from '../support/two-clusters';

const links: Step[] = [
  { id: 'rules', script: 'host/join.sh', input: { rules: { 'read-{cluster}': ['kv/{cluster}/*'] } } },
  { id: 'door', script: 'host/join.sh', input: { host: '{api}', domain: '{domain}' } },
];
const open = { ...safe, links };
const step = { id: 'start', script: 'host/join.sh', input: { name: '{cluster} of {domain}' } };
const third = (): ReturnType<typeof twoClusters> => {
  const { clusters, ...rest } = twoClusters({ budget: { memoryMiB: 32768 } });
  const more = { ...clusters[1]!, name: 'far', id: 3, nodes: clusters[1]!.nodes.map((node) => ({ ...node, name: `far-${node.name}` })) };
  return { ...rest, clusters: [...clusters, more] };
};

test('each agent is let in by scripts of the hub, filled with its words, in a stack that no agent waits for', () => {
  const fleet = resolveWith([net, open], third());
  expect(fleet.stacks.at(-1)).toEqual({ name: 'access', kind: 'access', cluster: null, needs: ['center-platform', 'edge', 'far'] });
  expect(fleet.stacks.filter(({ needs }) => needs.includes('access'))).toEqual([]);
  const stacks = makeStacks(new App({ outdir: Testing.app().outdir }), fleet);
  const { null_resource: made } = JSON.parse(Testing.synth(stacks.get('access')!)).resource;
  expect(Object.entries(made).map(([name, { depends_on: needs }]: [string, Json]) => [name, needs])).toEqual([
    ['access-edge-safe-door', ['null_resource.access-edge-safe-rules']],
    ['access-edge-safe-rules', []],
    ['access-far-safe-door', ['null_resource.access-far-safe-rules']],
    ['access-far-safe-rules', []],
  ]);
  const input = (name: string) => JSON.parse(made[name].triggers.input);
  expect(input('access-far-safe-rules')).toMatchObject({ cluster: 'center', client: 'far', rules: { 'read-far': ['kv/far/*'] } });
  expect(input('access-edge-safe-door')).toMatchObject({ host: 'https://api.edge.flotilla.internal:6443', domain: 'flotilla.internal' });
  expect(made['access-far-safe-door'].triggers.client).toContain('kubeconfig/far');
});

test('a fleet whose hub lets nobody in, or that has nobody to let in, has no such stack', () => {
  expect(resolveWith([net, safe]).stacks.map(({ kind }) => kind)).not.toContain('access');
  const { clusters, ...rest } = twoClusters();
  expect(resolveWith([net, open], { ...rest, clusters: clusters.slice(0, 1) }).stacks.map(({ kind }) => kind)).not.toContain('access');
});

test('a step is filled with the words of its own cluster', () => {
  const fleet = resolveWith([net, { ...safe, steps: [step] }]);
  expect(componentOf(fleet, 'center', 'safe').steps[0]!.input).toEqual({ name: 'center of flotilla.internal' });
  expect(fillWords({ 'a-{cluster}': ['{other} {cluster}', 1, null, true] }, { cluster: 'x' })).toEqual({
    'a-x': ['{other} x', 1, null, true],
  });
});
