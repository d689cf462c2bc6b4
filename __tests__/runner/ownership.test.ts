import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Failure } from '../../config/failure';
import { firstFreeNetwork } from '../../model/deployment-identity';
import type { ResolvedFleet } from '../../model/resolved-fleet';
import { describeDeployment } from '../../runner/deployment/deployment';
import { openDeployment } from '../../runner/deployment/record';
import { addresses, checkHost } from '../../runner/host/checks';
import { claimHost, claims, contest, copyOf, lostClaims } from '../../runner/host/claims';
import { heldByOthersMiB } from '../../runner/host/held-memory';
import { whatIsKept, whatSpeaksAgainst } from '../../runner/machines/forget';
import { requireFit } from '../../runner/session';
import { load, resolveFresh } from '../support/fleet-fixture';

let work: string;
let data: string;
beforeEach(() => {
  work = mkdtempSync(join(tmpdir(), 'flotilla-ownership-'));
  data = join(work, 'data');
});
afterEach(() => rmSync(work, { recursive: true, force: true }));

const write = (file: string, content: object): void => {
  mkdirSync(join(file, '..'), { recursive: true });
  writeFileSync(file, JSON.stringify(content));
};
/** A claim as a checkout below `work` made it; `lost` leaves the checkout without its deployment. */
function claim(uid: string, checkout: string, network: string, lost = false): void {
  write(join(data, uid, 'owner.json'), { uid, deployment: 'lab@nspawn', checkout: join(work, checkout), network });
  if (!lost) write(join(work, checkout, '.flotilla', 'lab@nspawn', 'deployment.json'), { uid });
}
const folder = (checkout: string): string => join(work, checkout, '.flotilla', 'lab@nspawn');

describe('deployments of several checkouts on one host', () => {
  it('stand side by side when uid and network differ', () => {
    claim('aaaaaa', 'one', '10.77.0.0/24');
    claim('bbbbbb', 'two', '10.77.1.0/24');
    expect(contest(data, { uid: 'aaaaaa', folder: folder('one'), network: '10.77.0.0/24' })).toBeNull();
    const questions = {
      provider: 'nspawn',
      addresses: 'assigned' as const,
      machineNetwork: 'bridge',
      nodes: 1,
      memoryMiB: 1,
      dataFolder: data,
      cacheFolder: work,
      preparationGiB: 0,
      buildsFromSource: false,
    };
    const network = { cidr: '10.77.0.0/24', bridge: 'flaaaaaa', registryPort: 1 };
    const found = checkHost({ ...questions, network, folder: folder('one'), uid: 'aaaaaa' }).find(
      ({ check }) => check === 'other deployments',
    );
    expect(found).toMatchObject({ verdict: 'ok', found: expect.stringMatching(/bbbbbb, 10\.77\.1\.0\/24\) of .*two/) });
  });

  it('that look for a network at the same moment: the later one looks again, and only then', () => {
    const seen = (cidr: string) => ({ model: { network: { cidr } } as ResolvedFleet, folder: work });
    const asked: string[] = [];
    const taken = (model: ResolvedFleet): void => {
      asked.push(model.network.cidr);
      if (model.network.cidr === '10.77.0.0/24') throw new Failure('the network is held');
    };
    requireFit(seen('10.77.0.0/24'), () => seen('10.77.1.0/24'), taken);
    expect(asked).toEqual(['10.77.0.0/24', '10.77.1.0/24']);
    // What is wrong with the host stays wrong.
    expect(() => requireFit(seen('10.77.0.0/24'), () => seen('10.77.0.0/24'), taken)).toThrow('the network is held');
  });

  it('keep their network while they are down: a new deployment sees it as busy', () => {
    claim('aaaaaa', 'one', '10.77.0.0/24');
    const busy = addresses(data).map(({ cidr }) => cidr);
    expect(busy).toContain('10.77.0.0/24');
    expect(firstFreeNetwork(busy)).not.toBe('10.77.0.0/24');
  });

  it('are refused one uid: a copied checkout does not take the machines of its original', () => {
    claim('aaaaaa', 'one', '10.77.0.0/24');
    write(join(folder('copy'), 'deployment.json'), { uid: 'aaaaaa' });
    expect(copyOf(data, { uid: 'aaaaaa', folder: folder('copy') })?.remedy).toContain('one of the two is a copy');
    // A checkout that was moved is no copy: the place that the claim names is empty.
    rmSync(join(work, 'one'), { recursive: true });
    expect(copyOf(data, { uid: 'aaaaaa', folder: folder('copy') })).toBeNull();
  });

  it('are refused one network, with who has it and what to do', () => {
    claim('aaaaaa', 'one', '10.77.0.0/24');
    const ours = { uid: 'bbbbbb', folder: folder('two'), network: '10.77.0.0/24' };
    expect(contest(data, ours)).toMatchObject({
      found: expect.stringContaining('aaaaaa'),
      remedy: expect.stringContaining('flotilla destroy'),
    });
    claim('cccccc', 'three', '10.77.2.0/24', true);
    const lost = contest(data, { ...ours, network: '10.77.2.0/24' });
    expect(lost?.remedy).toMatch(/destroy --uid cccccc .*adopt --uid cccccc/);
    expect(lostClaims(data).map(({ uid }) => uid)).toEqual(['cccccc']);
  });
});

const asRoot = process.platform === 'linux' && process.getuid?.() === 0 ? describe : describe.skip;

asRoot('the claim of a deployment', () => {
  const model = resolveFresh(load('lab'));
  const open = (checkout: string) => {
    const opened = openDeployment({
      root: join(work, checkout),
      fleet: 'lab',
      overlay: null,
      provider: 'nspawn',
      busyCidrs: claims(data).map(({ network }) => network!),
    });
    const { uid, network } = opened.record;
    const claimed: ResolvedFleet = { ...model, uid, deployment: 'lab@nspawn', network: { ...model.network, cidr: network } };
    return { model: claimed, folder: opened.folder };
  };

  it('is written before anything is made, so that the next one chooses another network', () => {
    const one = claimHost(folder('one'), () => open('one'), data);
    const two = claimHost(folder('two'), () => open('two'), data);
    expect([one, two].map((opened) => opened.model.network.cidr)).toEqual(['10.77.0.0/24', '10.77.1.0/24']);
    expect(
      claims(data)
        .map(({ network }) => network)
        .sort(),
    ).toEqual(['10.77.0.0/24', '10.77.1.0/24']);
  });

  it('waits for the lock that another one holds while it chooses', async () => {
    const holder = spawn('flock', [`${data}.lock`, 'bash', '-c', 'echo held; sleep 0.6']);
    await new Promise((resolve) => holder.stdout.once('data', resolve));
    const began = Date.now();
    claimHost(folder('one'), () => open('one'), data);
    expect(Date.now() - began).toBeGreaterThan(400);
  });

  it('is refused to a network that came in between, and the record that was made for it goes', () => {
    const stolen = () => {
      const opened = open('two');
      claim('ffffff', 'three', opened.model.network.cidr);
      return opened;
    };
    expect(() => claimHost(folder('two'), stolen, data)).toThrow(/held by lab@nspawn \(uid ffffff\)/);
    expect(existsSync(join(folder('two'), 'deployment.json'))).toBe(false);
  });

  it('is left alone for providers that claim no network of this host', () => {
    const provider = { ...model.provider, hostScripts: { claim: 'host/other-claim.sh', release: 'host/other-release.sh' } };
    claimHost(folder('one'), () => ({ ...open('one'), model: { ...open('one').model, provider } }), data);
    expect(claims(data)).toEqual([]);
  });
});

test('memory that others hold is what their machines use, without caches, on both versions of control groups', () => {
  const stat = (path: string, text: string): void => {
    mkdirSync(join(work, path), { recursive: true });
    writeFileSync(join(work, path, 'memory.stat'), text);
  };
  stat('v1/memory/user/faaaaaa-hub-cp-1', 'cache 99999999999\ntotal_rss 104857600\n');
  stat('v1/memory/user/fbbbbbb-hub-cp-1', 'total_rss 209715200\n');
  stat('v1/memory/user/fedora-12', 'total_rss 409715200\n');
  stat('v2/fbbbbbb-hub-cp-1.service', 'anon 52428800\nfile 99999999999\n');
  expect(heldByOthersMiB('aaaaaa', join(work, 'v1'))).toBe(200);
  expect(heldByOthersMiB('aaaaaa', join(work, 'v2'))).toBe(50);
});

describe('forget', () => {
  /** A deployment whose machines are told by a script of ours. */
  function deployment(machines: object[]) {
    const scripts = join(work, 'provider');
    mkdirSync(scripts, { recursive: true });
    writeFileSync(join(scripts, 'machines.sh'), `echo '${JSON.stringify({ machines })}'`);
    const lab = resolveFresh(load('lab'));
    const model = { ...lab, provider: { ...lab.provider, scripts } };
    for (const stack of ['hub', 'hub-platform', 'edge'])
      write(join(work, 'd', 'state', `${stack}.tfstate`), { resources: [{ mode: 'managed', type: 'a', name: 'b', instances: [{}] }] });
    write(join(work, 'd', 'sources.json'), {});
    write(join(work, 'd', 'nodes', 'edge-cp-1.json'), { cluster: 'edge' });
    return describeDeployment(model, join(work, 'd'), null, null);
  }

  it('lists what it would drop of one cluster, and nothing of another', () => {
    expect(whatIsKept(deployment([]), 'edge')).toEqual(['state/edge.tfstate (1 resources)', 'nodes/edge-cp-1.json']);
    expect(whatIsKept(deployment([]), 'hub')).toEqual(['state/hub-platform.tfstate (1 resources)', 'state/hub.tfstate (1 resources)']);
  });

  it('never goes past a machine that exists, also one that is off or that no record tells of', async () => {
    const found = [
      { node: 'edge-cp-1', state: 'stopped' },
      { node: 'hub-cp-1', state: 'running' },
      { node: 'stray', state: 'stopped', unknown: true },
      { node: 'edge-worker-1', state: 'absent' },
    ];
    const against = await whatSpeaksAgainst(deployment(found), 'edge');
    expect(against.map((objection) => [objection.found.split(' ')[3], objection.forceable])).toEqual([
      ['edge-cp-1', false],
      ['stray', false],
    ]);
    expect(await whatSpeaksAgainst(deployment([]), 'edge')).toEqual([]);
  });

  it('can be forced where nobody can look at the machines', async () => {
    const broken = deployment([]);
    writeFileSync(join(work, 'provider', 'machines.sh'), 'exit 1');
    expect((await whatSpeaksAgainst(broken, null)).map(({ forceable }) => forceable)).toEqual([true]);
    expect(readFileSync(join(work, 'd', 'state', 'edge.tfstate'), 'utf8')).toContain('managed');
  });
});
