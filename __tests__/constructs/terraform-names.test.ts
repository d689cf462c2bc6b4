import '../../constructs/quiet-stack-traces';
import { Testing } from 'cdktf';
import { everyKindFrom } from '../../config/sources';
import { isScriptAddress, nodeSteps } from '../../model/terraform-names';
import { replacements } from '../../runner/machines/machines';
import { makeStacks } from '../../stacks';
import { load, resolveFresh } from '../support/fleet-fixture';

/** The scripts of every cluster stack, with official packages and images, so that every kind of step exists. */
const fleet = resolveFresh(load('trio'), { source: 'official', sources: everyKindFrom('official') });
const stacks = makeStacks(Testing.app(), fleet);

test.each(fleet.clusters.map((cluster) => [cluster.name, cluster] as const))(
  'when all machines of %s are gone, exactly the scripts of its stack run again',
  (name, { nodes }) => {
    const { resource } = JSON.parse(Testing.synth(stacks.get(name)!));
    const scripts = Object.keys(resource.null_resource)
      .map((script) => `null_resource.${script}`)
      .filter(isScriptAddress);
    expect(scripts.some((script) => script.includes('packages-'))).toBe(true);
    const again = new Set(replacements(nodes, name, new Set(nodes.map((node) => node.name))));
    expect(scripts.filter((script) => !again.has(script))).toEqual([]);
  },
);

test('a step that the constructs make and the names leave out is found', () => {
  const { resource } = JSON.parse(Testing.synth(stacks.get('mgmt')!));
  const known = nodeSteps.filter((step) => step !== 'packages').map((step) => `${step}-mgmt-cp`);
  const made = Object.keys(resource.null_resource).filter((script) => script.endsWith('-mgmt-cp'));
  expect(made.filter((script) => !known.includes(script))).toEqual(['packages-mgmt-cp']);
});
