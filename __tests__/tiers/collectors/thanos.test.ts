import type { Json } from '../../support/fleet-fixture';
import { describeWithProgram, refusal } from './programs';
import { chartIsHere, objectsOf, type Release, releasesOf } from './rendered';

const hubs = releasesOf('thanos');
/** No flag of any Thanos: its command line is read from the left, so a complaint about this one says that all before it are known. */
const last = '--flotilla.no-such-flag';

/** The command lines of its pods by workload. */
async function commandLines(release: Release): Promise<ReadonlyMap<string, readonly string[]>> {
  const workloads = (await objectsOf(release))!.filter(({ kind }) => kind === 'StatefulSet' || kind === 'Deployment');
  return new Map(workloads.map((workload: Json) => [workload.metadata.name, workload.spec.template.spec.containers[0].args]));
}

/** What Thanos says against the flags, `null` when it knows all. */
function unknown(args: readonly string[]): string | null {
  const said = refusal('thanos', [...args, last]) ?? 'it runs';
  return said.includes(`unknown long flag '${last}'`) ? null : said;
}

const describeHere = chartIsHere('thanos', 'not proven that Thanos knows its flags') ? describeWithProgram('thanos') : describe.skip;

describeHere('Thanos', () => {
  test.each(hubs.map((release) => [release.where, release] as const))('knows every flag in %s', async (_, release) => {
    const lines = await commandLines(release);
    expect([...lines].filter(([, args]) => unknown(args) !== null).map(([name, args]) => `${name}: ${unknown(args)}`)).toEqual([]);
    expect([...lines.values()].map(([command]) => command).sort()).toEqual(['compact', 'query', 'receive', 'store']);
  });

  // Twin.
  test('refuses one that it does not know', async () => {
    for (const [, args] of await commandLines(hubs[0]!))
      expect(unknown([...args, '--tsdb.out-of-order.window=24h'])).toMatch(/out-of-order\.window/);
  });
});
