import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { neededPrograms } from '../../artifacts/debian-packages';
import { officialProbes } from '../../artifacts/official';
import { forgetAnswers, probeAll } from '../../artifacts/probe';
import { offlinePlan, type PreparationPlan, wantedArtifacts } from '../../artifacts/wanted';
import { everyKindFrom, readToldSources } from '../../config/sources';
import { machineProviders } from '../../machines';
import type { MachineProvider } from '../../machines/define';
import { kind } from '../../machines/kind';
import { multipass } from '../../machines/multipass';
import { nspawn } from '../../machines/nspawn';
import { imageMirrors } from '../../model/image-mirrors';
import { type ChoiceFacts, choiceOf, chooseSources } from '../../runner/host/source-choice';
import { sourceFindings } from '../../runner/host/source-findings';
import { nodePackagesOf, planSources, settledSources } from '../../runner/host/source-plan';
import { readSources, recordedChoice, recordSources, terraformConfiguration } from '../../runner/host/sources';
import { serve } from '../support/web';

const work = mkdtempSync(join(tmpdir(), 'flotilla-sources-'));
afterAll(() => rmSync(work, { recursive: true, force: true }));

const official = everyKindFrom('official');
const offline = everyKindFrom('offline');
const nothing: ChoiceFacts = { told: {}, recorded: null, unreachable: () => 'no route', unbuildable: () => 'no Go' };
const choose = (facts: Partial<ChoiceFacts>) => {
  const decisions = chooseSources({ ...nothing, ...facts });
  const [packages] = decisions;
  return {
    ...choiceOf(decisions),
    packagesVerdict: packages!.verdict,
    why: packages!.why,
    faults: decisions.filter((d) => d.verdict === 'fault').length,
  };
};
const yes = () => null;

describe('FLOTILLA_SOURCES', () => {
  test('one source for all, and single kinds after it', () => {
    expect(readToldSources('offline, charts=official')).toEqual({ ...offline, charts: 'official' });
    expect(readToldSources(undefined)).toEqual({});
  });
  test('every wrong word at once, with what was meant', () =>
    expect(() => readToldSources('ofline,chart=official')).toThrow(
      /"ofline" is no source; write offline.*"chart" is no kind; write charts/,
    ));
});

describe('the choice', () => {
  test('official where it is reachable, else offline, else a fault', () => {
    expect(choose({ unreachable: yes })).toMatchObject({ ...official, why: 'reachable', faults: 0 });
    expect(choose({ unbuildable: yes })).toMatchObject({ ...offline, faults: 0 });
    expect(choose({})).toMatchObject({ faults: 4, why: expect.stringMatching(/no route.*no Go/) });
  });
  test('what the deployment began with stays, also without a network, and is not asked about again when it is offline', () => {
    const unreachable = jest.fn(() => null);
    expect(choose({ recorded: offline, unreachable })).toMatchObject({ ...offline, faults: 0 });
    expect(unreachable).not.toHaveBeenCalled();
    expect(choose({ recorded: official })).toMatchObject({ ...official, packagesVerdict: 'warning', faults: 0 });
  });
  test('a person may change it; what cannot be had is a fault, and a changed Kubernetes patch a warning', () => {
    expect(choose({ recorded: offline, told: official, unreachable: yes })).toMatchObject({ ...official, packagesVerdict: 'warning' });
    expect(choose({ recorded: offline, told: official })).toMatchObject({ faults: 4 });
    expect(choose({ told: offline })).toMatchObject({ faults: 4 });
  });
  test('official packages never go with offline images, which are of another patch', () => {
    const onlyPackages = (kind: string) => (kind === 'packages' ? null : 'no route');
    expect(choose({ unreachable: onlyPackages, unbuildable: yes })).toMatchObject({ ...offline, faults: 0 });
    expect(choose({ told: { packages: 'official', images: 'offline' }, unreachable: yes, unbuildable: yes })).toMatchObject({ faults: 1 });
  });
});

test('the probe tells a host that answers from one that refuses, is silent, is not there, or is the wrong one', async () => {
  const web = await serve(work);
  const dead = await serve(work);
  dead.end();
  writeFileSync(join(work, 'index.yaml'), 'entries: {}\n');
  const ask = (url: string, accepts: readonly number[]) => probeAll([{ url, accepts }]);
  try {
    expect(
      probeAll([
        { url: `${web.url}/index.yaml`, accepts: [200] },
        { url: `${web.url}/401`, accepts: [200, 401] },
      ]),
    ).toBeNull();
    expect(ask(`${web.url}/gone`, [200])).toContain('answers with HTTP 404');
    expect(ask(`${dead.url}/`, [200])).toMatch(/connect|refused/i);
    const began = Date.now();
    expect(probeAll([`${web.url}/never`, `${web.url}/never?2`].map((url) => ({ url, accepts: [200] })))).not.toBeNull();
    expect(Date.now() - began).toBeLessThan(10_000);
    // Asked once in a run: the answer stays although the host is gone now.
    web.end();
    expect(ask(`${web.url}/index.yaml`, [200])).toBeNull();
  } finally {
    web.end();
    forgetAnswers();
  }
});

const plan = (changed: Partial<PreparationPlan>): PreparationPlan => ({ ...offlinePlan, kubernetes: '1.35.9', ...changed });

test('a Mac that takes everything from official sources needs neither Go nor a Debian, and compiles nothing', () => {
  const mac = plan({ choice: official, nodePackages: 'inside', platform: 'darwin', architecture: 'arm64' });
  expect(neededPrograms(mac).map(({ program }) => program)).toEqual(['curl', 'jq', 'ssh']);
  const { artifacts, roles } = wantedArtifacts(mac);
  expect(artifacts.map(({ id }) => id)).toEqual(['official-host-tools', 'official-provider-mirror']);
  expect(artifacts.some(({ usesGo }) => usesGo)).toBe(false);
  expect(roles).toMatchObject({ nodeImage: null, registryStore: null, charts: null });
  expect(JSON.stringify(artifacts)).toContain('v1.35.9/bin/darwin/arm64/kubectl');
});

test('each kind is taken from its own source', () => {
  const ids = (choice: Partial<typeof offline>) =>
    wantedArtifacts(plan({ choice: { ...offline, ...choice } })).artifacts.map(({ id }) => id);
  expect(ids({})).toHaveLength(20);
  expect(ids(official)).toEqual(expect.arrayContaining(['official-node-image', 'official-host-tools']));
  expect(ids(official).filter((id) => !id.startsWith('official-'))).toEqual([]);
  expect(ids({ providers: 'official' })).not.toContain('provider-helm');
  expect(ids({ charts: 'official' })).not.toContain('chart-mirror');
  expect(ids({ images: 'official' })).not.toContain('pod-images');
});

test("official probes ask the very hosts that things then come from, in the fleet's Kubernetes minor", () => {
  const probes = officialProbes(plan({ nodePackages: 'inside', chartRepositories: ['https://charts.test/x/', 'oci://ghcr.io/y/charts'] }));
  expect(probes.packages.map(({ url }) => url)).toContain('https://pkgs.k8s.io/core:/stable:/v1.35/deb/Release');
  expect(probes.charts).toEqual([
    { url: 'https://charts.test/x/index.yaml', accepts: [200] },
    { url: 'https://ghcr.io/v2/', accepts: [200, 401] },
  ]);
});

describe('what is recorded', () => {
  const prepared = {
    bin: '/b',
    nodeImage: { rootfs: '', digest: '', containerd: '' },
    registryStore: '',
    providerMirror: '/m',
    chartMirror: '',
    artifacts: [],
  };
  const folder = join(work, 'x@nspawn');
  test('the choice, for the life of the deployment; an older deployment is offline', () => {
    expect(recordedChoice(folder)).toBeNull();
    recordSources(folder, prepared, plan({ choice: official }));
    expect(recordedChoice(folder)).toEqual(official);
    expect(readSources(folder)!.imageUpstreams!.map(({ registry }) => registry)).toContain('docker.io');
    const { choice: _choice, ...older } = readSources(folder)!;
    writeFileSync(join(folder, 'sources.json'), JSON.stringify(older));
    expect(recordedChoice(folder)).toEqual(offline);
    recordSources(folder, prepared, plan({ choice: official, nodePackages: 'inside' }));
    expect(readSources(folder)).toMatchObject({ imageUpstreams: [], imageCache: '' });
  });
  test('offline, Terraform knows the mirror only; official, any other provider comes from its registry', () => {
    expect(terraformConfiguration('/m', offline)).toBe('provider_installation {\n  filesystem_mirror {\n    path = "/m"\n  }\n}\n');
    const rc = terraformConfiguration('/m', official);
    expect(rc).toMatch(/filesystem_mirror {\n {4}path = "\/m"\n {4}include = \["hashicorp\/helm"/);
    expect(rc).toMatch(/direct {\n {4}exclude = \["hashicorp\/helm"/);
    recordSources(folder, prepared);
    expect(readFileSync(join(folder, 'terraform.rc'), 'utf8')).toBe(terraformConfiguration('/m', offline));
  });
});

test('machines ask the caches of their host, or upstream where there are none', () => {
  expect(imageMirrors('offline', '10.77.0.1', 5000)).toEqual([{ registry: '_default', url: 'http://10.77.0.1:5000' }]);
  expect(imageMirrors('official', '10.77.0.1', 5000)).toContainEqual({ registry: 'docker.io', url: 'http://10.77.0.1:5052' });
  expect(imageMirrors('official', null, 5000)).toEqual([]);
});

describe('a plan for this host', () => {
  const question = { folder: join(work, 'none'), provider: nspawn, kubernetes: '1.35', charts: [] };
  test('says of each kind what comes from where and why, official as unproven', () => {
    const facts = { ...nothing, unreachable: yes };
    const findings = sourceFindings({ plan: plan({ choice: official }), decisions: chooseSources(facts) });
    expect(findings.map(({ check }) => check)).toEqual(['packages', 'images', 'charts', 'providers'].map((kind) => `source of ${kind}`));
    for (const { found } of findings) expect(found).toMatch(/^official: .*reachable; unproven/);
  });
  test('refuses a minor that offline lacks, and one that the node image is too old for', () => {
    const told = (source: string, kubernetes: string) =>
      planSources({ ...question, kubernetes }, { FLOTILLA_SOURCES: `offline,packages=${source}` }).decisions[0];
    expect(told('offline', '1.34')).toMatchObject({ verdict: 'fault', why: expect.stringContaining('1.35 only') });
    expect(told('official', '1.36')).toMatchObject({ verdict: 'fault', why: expect.stringContaining('containerd is too old') });
  });
  test('offline makes no images for nodes that could not get them: those of kind, and machines without a registry here', () => {
    const images = (provider: MachineProvider) =>
      planSources({ ...question, provider }, { FLOTILLA_SOURCES: 'offline,packages=offline' }).decisions[1];
    expect(images(kind)).toMatchObject({ verdict: 'fault', why: expect.stringContaining('image of a public registry') });
    if (process.platform === 'linux')
      expect(images(multipass)).toMatchObject({ verdict: 'fault', why: expect.stringContaining('launchd') });
    expect(images(nspawn)!.why).not.toContain('registry');
  });
  test('verbs that only look ask no network: the flag overrides the fleet file, which overrides the record; everything else is official', () => {
    const folder = mkdtempSync(join(tmpdir(), 'flotilla-settled-'));
    const settled = (wanted = {}, told = '') => settledSources({ ...question, folder, wanted }, { FLOTILLA_SOURCES: told });
    expect(settled()).toEqual(everyKindFrom('official'));
    writeFileSync(join(folder, 'sources.json'), JSON.stringify({ choice: offline }));
    expect(settled()).toEqual(offline);
    expect(settled({ charts: 'official' })).toEqual({ ...offline, charts: 'official' });
    expect(settled({ charts: 'official' }, 'charts=offline,images=official')).toEqual({ ...offline, images: 'official' });
    rmSync(folder, { recursive: true });
  });
  test('a preview after `up` has the sources of that `up`, whatever was told, recorded, reachable and buildable', () => {
    const folder = mkdtempSync(join(tmpdir(), 'flotilla-agree-'));
    // Providers follow the charts here: nothing ties them to another kind.
    const choices = <T>(values: readonly T[]) =>
      values.flatMap((packages) => values.flatMap((images) => values.map((charts) => ({ packages, images, charts, providers: charts }))));
    const never = () => 'no';
    const preview = (wanted: object, told: string) => settledSources({ ...question, folder, wanted }, { FLOTILLA_SOURCES: told });
    const different: object[] = [];
    let ups = 0;
    for (const recorded of [null, ...choices(['official', 'offline'] as const)])
      for (const wanted of choices([undefined, 'official', 'offline'] as const))
        for (const [unreachable, unbuildable] of [
          [yes, yes],
          [yes, never],
          [never, yes],
        ] as const) {
          const told = Object.fromEntries(Object.entries(wanted).filter(([, source]) => source !== undefined));
          const decisions = chooseSources({ told, recorded, unreachable, unbuildable });
          // `up` stops before it records anything.
          if (decisions.some(({ verdict }) => verdict === 'fault')) continue;
          ups += 1;
          const made = choiceOf(decisions);
          writeFileSync(join(folder, 'sources.json'), JSON.stringify({ choice: made }));
          const words = Object.entries(told).map(([kind, source]) => `${kind}=${source}`);
          for (const seen of [preview(wanted, ''), preview({}, words.join(',')), preview({}, '')])
            if (!isDeepStrictEqual(seen, made)) different.push({ recorded, told, made, seen });
        }
    rmSync(folder, { recursive: true });
    expect(different).toEqual([]);
    expect(ups).toBeGreaterThan(300);
  });
  test('the fleet file decides where it names a source', () => {
    const { decisions } = planSources({ ...question, wanted: everyKindFrom('offline') }, {});
    expect(decisions.map(({ source }) => source)).toEqual(['offline', 'offline', 'offline', 'offline']);
    expect(decisions[0]!.why).toContain('the fleet file');
  });
  test('each provider has a way for its nodes', () =>
    expect(machineProviders.map((provider) => `${provider.id} ${nodePackagesOf(provider)}`).sort()).toEqual([
      'kind brought',
      'multipass inside',
      'nspawn image',
      'tart inside',
    ]));
});
