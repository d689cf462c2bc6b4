import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { recordMadeClusters } from '../../runner/deployment/made-clusters';
import { type Change, type Command, CommandCheckout, wentOn } from './command-checkout';

// Two fleet files of one name once took turns deleting each other's clusters, and `destroy` took the deployment whose name is that of the file, which it
// had not been able to read. Each guard has its mutation: without the guard, the question that is asked here finds that data would be lost.

const checkout = new CommandCheckout();
let program: Command;
beforeAll(async () => {
  program = await checkout.bundle('flotilla');
});
beforeEach(() => checkout.forget());
afterAll(() => checkout.dispose());

const shop = 'shop@fake';
/** The deployment `shop`, made from a/shop.yaml. Without a state its machines go without Terraform. */
async function shopOf(clusters: readonly string[], record: object = {}, hasState = true): Promise<string> {
  const file = checkout.fleet('a/shop.yaml', clusters, { name: 'shop' });
  const { code, text } = await checkout.run(program, 'model', '--json', '--fleet', file);
  if (code !== 0) throw new Error(text);
  const made = { uid: 'a1b2c3', fleet: 'shop', overlay: null, provider: 'fake', network: '10.77.0.0/24', addresses: {} };
  checkout.raise(shop, { ...made, file: 'a/shop.yaml', ...record }, JSON.parse(text), clusters, hasState);
  return file;
}
const withoutFile = { file: undefined };
const up = (file: string, ...words: string[]) => checkout.run(program, 'up', '--fleet', file, ...words);

/** What a run of the command lost or would lose. Nothing is lost by a run that is refused with exit code 2. */
async function lossOf(mutant: Command, words: readonly string[]): Promise<readonly string[]> {
  const before = checkout.machines();
  const { code, text } = await checkout.run(mutant, ...words);
  const gone = before.filter((machine) => !checkout.machines().includes(machine));
  return [
    ...gone.map((machine) => `${machine} was deleted`),
    ...(text.includes(wentOn) ? ['up went on'] : []),
    ...(code === 2 ? [] : [`exit code ${code}`]),
  ];
}

describe('a deployment has one fleet file', () => {
  const other = () => checkout.fleet('b/shop.yaml', ['bb'], { name: 'shop' });

  test('a different file of the same name is refused, with what it would meet and three ways on', async () => {
    await shopOf(['aa']);
    const { code, text } = await up(other());
    expect(code).toBe(2);
    expect(text).toContain('fleet file b/shop.yaml: the deployment shop@fake of this checkout was made from a/shop.yaml');
    expect(text).toMatch(/different `name:`[\s\S]*up --moved --fleet b\/shop.yaml[\s\S]*destroy --deployment shop@fake/);
    for (const verb of ['status', 'shutdown', 'boot', 'drift', 'destroy', 'forget'])
      expect([verb, ...(await lossOf(program, [verb, '--fleet', 'b/shop.yaml', ...(verb === 'destroy' ? ['--yes'] : [])]))]).toEqual([
        verb,
      ]);
    expect(checkout.machines()).toEqual(['aa-cp-1']);
  });

  test('the same file is its own by every path to it, and `validate` reads any file', async () => {
    await shopOf(['aa']);
    for (const path of ['a/shop.yaml', './a/../a/shop.yaml', join(checkout.root, 'a/shop.yaml')])
      expect((await up(path)).text).toContain(wentOn);
    expect((await checkout.run(program, 'validate', '--fleet', other())).code).toBe(0);
  });

  test('a file that was moved is taken over on purpose only', async () => {
    await shopOf(['aa']);
    const moved = checkout.fleet('b/shop.yaml', ['aa'], { name: 'shop' });
    expect(await lossOf(program, ['up', '--fleet', moved, '--yes'])).toEqual([]);
    expect((await up(moved, '--moved')).text).toContain(wentOn);
  });

  test('mutation: without the guard the deployment of the other file is destroyed', async () => {
    const mutant = await checkout.bundle('no-own-file', [
      ['runner/deployment/record.ts', 'record.file === undefined || record.file === file.path', 'true'],
    ]);
    await shopOf(['aa'], {}, false);
    expect(await lossOf(mutant, ['destroy', '--yes', '--fleet', other()])).toContain('aa-cp-1 was deleted');
  });
});

describe('a deployment of an older Flotilla, whose record names no file', () => {
  test.each<[string, readonly string[], readonly string[]]>([
    ['the same clusters', ['aa', 'bb'], []],
    ['more clusters', ['aa', 'bb', 'cc'], []],
    ['some of its clusters', ['aa'], ['--yes']],
  ])('is taken over by a file with %s', async (_, clusters, words) => {
    await shopOf(['aa', 'bb'], withoutFile);
    expect((await up(checkout.fleet('b/shop.yaml', clusters, { name: 'shop' }), ...words)).text).toContain(wentOn);
  });

  const foreign = () => checkout.fleet('b/shop.yaml', ['cc'], { name: 'shop' });

  test('is not taken over by a file with none of its clusters, whatever was agreed to', async () => {
    await shopOf(['aa', 'bb'], withoutFile);
    const { code, text } = await up(foreign(), '--yes');
    expect([code, text]).toEqual([2, expect.stringMatching(/has the clusters aa, bb, and the fleet file has none of them/)]);
    expect(await lossOf(program, ['destroy', '--yes', '--fleet', foreign()])).toEqual([]);
  });

  test('mutation: without the guard it is', async () => {
    const mutant = await checkout.bundle('no-foreign', [['runner/deployment/removals.ts', 'if (removed.length === 0 ||', 'if (true ||']]);
    await shopOf(['aa', 'bb'], withoutFile);
    expect(await lossOf(mutant, ['up', '--yes', '--fleet', foreign()])).toContain('up went on');
    // Terraform is not here to delete anything, but it was to.
    expect(await lossOf(mutant, ['destroy', '--yes', '--fleet', foreign()])).toEqual(['exit code 1']);
  });
});

describe('clusters that left the fleet file', () => {
  const smaller = () => checkout.fleet('a/shop.yaml', ['aa'], { name: 'shop' });

  test('are deleted only with --yes where nobody can be asked; the refusal names them', async () => {
    await shopOf(['aa', 'bb', 'cc']);
    const { code, text } = await up(smaller());
    expect([code, text]).toEqual([2, expect.stringMatching(/deletes with all their data: bb, cc\n.*add --yes/)]);
    expect((await up(smaller(), '--yes')).text).toContain(wentOn);
  });

  test('that are all of them are called so', async () => {
    await shopOf(['aa']);
    const { code, text } = await up(checkout.fleet('a/shop.yaml', ['bb'], { name: 'shop' }));
    expect([code, text]).toEqual([2, expect.stringContaining('aa, which is all that the deployment has')]);
  });

  test('a run that removes no cluster asks nothing: the first one, one without changes, one more cluster, a state cut off in the middle', async () => {
    const file = checkout.fleet('a/shop.yaml', ['aa'], { name: 'shop' });
    expect((await up(file)).text).toContain(wentOn);
    await shopOf(['aa']);
    expect((await up(file)).text).toContain(wentOn);
    expect((await up(checkout.fleet('a/shop.yaml', ['aa', 'bb'], { name: 'shop' }))).text).toContain(wentOn);
    checkout.write(`.flotilla/${shop}/state/aa.tfstate`, '{"resources": [');
    expect((await up(smaller())).text).toContain(wentOn);
  });

  test('mutation: without the question they go', async () => {
    const mutant = await checkout.bundle('no-consent', [['runner/consent.ts', 'removed.length === 0 || agreed', 'true']]);
    await shopOf(['aa', 'bb']);
    expect(await lossOf(mutant, ['up', '--fleet', smaller()])).toContain('up went on');
  });
});

describe('destroy is certain which deployment is meant', () => {
  const destroy = (file: string) => ['destroy', '--yes', '--fleet', file];

  test('a file that does not parse, at whatever place, destroys nothing; the refusal names what there is', async () => {
    await shopOf(['aa'], {}, false);
    for (const file of [
      checkout.write('b/shop.yaml', 'name: other\nclusters: ['),
      checkout.write('a/shop.yaml', 'name: shop\nclusters: ['),
    ]) {
      expect(await lossOf(program, destroy(file))).toEqual([]);
      expect((await checkout.run(program, ...destroy(file))).text).toMatch(/--deployment NAME; there are shop@fake \(a\/shop.yaml\)/);
    }
    expect(await lossOf(program, destroy('b/nowhere.yaml'))).toEqual([]);
  });

  test('the recorded file that breaks a rule will do, one with a different name will not', async () => {
    await shopOf(['aa'], {}, false);
    checkout.fleet('a/shop.yaml', ['aa'], { name: 'other', budget: { memoryMiB: 1024 } });
    expect(await lossOf(program, destroy('a/shop.yaml'))).toEqual([]);
    checkout.fleet('a/shop.yaml', ['aa'], { name: 'shop', budget: { memoryMiB: 1024 } });
    expect(await lossOf(program, destroy('a/shop.yaml'))).toEqual(['aa-cp-1 was deleted', 'exit code 0']);
  });

  test('--deployment names it, whatever has become of the file; a name that does not exist, or a record that cannot be read, destroys nothing', async () => {
    await shopOf(['aa'], {}, false);
    checkout.write('a/shop.yaml', 'clusters: [');
    const wrong = await checkout.run(program, 'destroy', '--yes', '--deployment', '../shop@fake');
    expect([wrong.code, wrong.text]).toEqual([2, expect.stringContaining('there are shop@fake (a/shop.yaml)')]);
    checkout.write('.flotilla/broken@fake/deployment.json', '{"uid": ');
    const broken = await checkout.run(program, 'destroy', '--yes', '--deployment', 'broken@fake');
    expect([broken.code, broken.text]).toEqual([2, expect.stringContaining('cannot be understood')]);
    expect(await lossOf(program, ['destroy', '--yes', '--deployment', shop])).toEqual(['aa-cp-1 was deleted', 'exit code 0']);
    expect(checkout.record(shop)).toBeNull();
  });

  test('a fleet that has no deployment destroys nothing, and what this checkout has is named with its command', async () => {
    await shopOf(['aa'], {}, false);
    const { code, text } = await checkout.run(program, ...destroy(checkout.fleet('a/shop.yaml', ['aa'], { name: 'renamed' })));
    expect([code, text]).toEqual([
      0,
      expect.stringContaining('shop@fake of this checkout exists: npx flotilla destroy --deployment shop@fake'),
    ]);
    expect(checkout.machines()).toEqual(['aa-cp-1']);
  });

  test.each<[string, readonly Change[]]>([
    [
      'the name of the file is enough',
      [
        ['runner/deployment/meant-deployment.ts', 'loaded.spec !== null && loaded.name === fleet &&', ''],
        ['runner/deployment/meant-deployment.ts', 'fleetFilePath(root, loaded.file) === file', 'loaded.file.endsWith(`${fleet}.yaml`)'],
      ],
    ],
    [
      'one deployment is always the one',
      [['runner/deployment/meant-deployment.ts', 'all.filter((one) => isMeant(one, selection, root))', 'all']],
    ],
  ])('mutation: where %s, the machines go', async (_, changes) => {
    const mutant = await checkout.bundle('guessing', changes);
    await shopOf(['aa'], {}, false);
    expect(await lossOf(mutant, destroy(checkout.write('b/shop.yaml', 'name: other\nclusters: [')))).toContain('aa-cp-1 was deleted');
  });
});

describe('what an existing cluster was made with', () => {
  const made = { aa: { domain: 'flotilla.internal', id: 1, podCidr: '10.101.0.0/16', serviceCidr: '10.201.0.0/16' } };
  const changes: [field: string, fleet: object, cluster: object, before: string][] = [
    ['podCidr', {}, { podCidr: '10.150.0.0/16' }, '10.101.0.0/16'],
    ['serviceCidr', {}, { serviceCidr: '10.250.0.0/16' }, '10.201.0.0/16'],
    ['id', {}, { id: 7, podCidr: '10.101.0.0/16', serviceCidr: '10.201.0.0/16' }, '1'],
    ['domain', { domain: 'other.internal' }, {}, 'flotilla.internal'],
  ];
  const edit = (fleet: object, cluster: object) => checkout.fleet('a/shop.yaml', ['aa'], { name: 'shop', ...fleet }, cluster);

  test.each(changes)(
    '%s is refused before anything happens, by a record and by the model of an older Flotilla',
    async (field, fleet, cluster, before) => {
      for (const record of [{ made }, withoutFile]) {
        checkout.forget();
        await shopOf(['aa'], record);
        for (const verb of ['up', 'diff']) {
          const { code, text } = await checkout.run(program, verb, '--fleet', edit(fleet, cluster));
          expect([code, text]).toEqual([
            2,
            expect.stringMatching(new RegExp(`aa: ${field} .*made with ${before}.*write ${field}: ${before}`)),
          ]);
        }
      }
    },
  );

  test('all changes are named at once, and a cluster that is not there yet may change', async () => {
    await shopOf(['aa'], { made: { ...made, bb: { ...made.aa, id: 9 } } });
    const { text } = await up(edit({ domain: 'other.internal' }, { id: 7 }));
    for (const field of ['domain', 'id', 'podCidr', 'serviceCidr']) expect(text).toContain(`aa: ${field} `);
    expect((await up(checkout.fleet('a/shop.yaml', ['aa', 'bb'], { name: 'shop' }))).text).toContain(wentOn);
  });

  test('is recorded once: an existing cluster keeps its record, one that is gone loses it, a new one gets one', async () => {
    await shopOf(['aa'], { made: { ...made, zz: made.aa } });
    const model = { domain: 'new.internal', clusters: ['aa', 'bb'].map((name) => ({ ...made.aa, name, id: 5 })) };
    recordMadeClusters({ model, folder: join(checkout.root, '.flotilla', shop) });
    expect(checkout.record(shop).made).toEqual({ ...made, bb: { ...made.aa, domain: 'new.internal', id: 5 } });
  });

  test.each<[string, Change]>([
    ['the refusal', ['runner/deployment/made-clusters.ts', 'if (wrong.length === 0) return;', 'return;']],
    ['the record', ['runner/deployment/made-clusters.ts', 'readDeployment(folder)?.made ?? lastModel', 'lastModel']],
  ])('mutation: without %s a range of a running cluster is changed', async (_, change) => {
    const mutant = await checkout.bundle('no-made', [change]);
    await shopOf(['aa'], { made });
    // A preview by the same mutant would have written the model anew.
    const model = join(checkout.root, '.flotilla', shop, 'model.json');
    checkout.write(`.flotilla/${shop}/model.json`, readFileSync(model, 'utf8').replaceAll('10.101.0.0/16', '10.150.0.0/16'));
    expect(await lossOf(mutant, ['up', '--fleet', edit({}, { podCidr: '10.150.0.0/16' })])).toContain('up went on');
    expect(await lossOf(program, ['up', '--fleet', edit({}, { podCidr: '10.150.0.0/16' })])).toEqual([]);
  });
});
