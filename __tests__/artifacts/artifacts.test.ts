import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { artifacts } from '../../artifacts/artifacts';
import { collectorPrograms } from '../../artifacts/collectors';
import { podImages } from '../../artifacts/pod-images';
import { providerRanges, stagedCharts, versions } from '../../artifacts/versions';
import { ownImages } from '../../config/own-images';

const root = resolve(__dirname, '../..');
const read = (path: string): string => readFileSync(join(root, path), 'utf8');

describe('the list of artifacts', () => {
  it('names each once, after all that it needs', () => {
    const seen = new Set<string>();
    for (const { id, needs } of artifacts) {
      expect(seen).not.toContain(id);
      expect(needs.filter((need) => !seen.has(need))).toEqual([]);
      seen.add(id);
    }
  });

  it.each(artifacts.map((artifact) => [artifact.id, artifact] as const))('%s: its script and inputs exist', (_id, { script, inputs }) => {
    expect([script, ...inputs].filter((path) => !existsSync(join(root, path)))).toEqual([]);
  });

  it('says what is a stand-in', () => {
    expect(artifacts.filter(({ standInFor }) => standInFor).map(({ id }) => id)).toEqual(['provider-null', 'pause']);
    expect(read('artifacts/sources/provider-null/main.go')).toMatch(/^\/\/ A STAND-IN/);
  });
});

describe('the pod images', () => {
  it('take files only from what the artifact needs', () => {
    const needs = artifacts.find(({ id }) => id === 'pod-images')!.needs;
    const sources = podImages.flatMap(({ files }) => Object.values(files).map(([artifact]) => artifact));
    expect(sources.filter((source) => !needs.includes(source))).toEqual([]);
  });

  it('carry the versions that the Go modules pin', () => {
    expect(read('artifacts/sources/kubernetes/go.mod')).toContain(`k8s.io/kubernetes ${versions.kubernetes}\n`);
    expect(read('artifacts/sources/coredns/go.mod')).toContain(`github.com/coredns/coredns ${versions.coredns}\n`);
    expect(read('artifacts/sources/etcd/go.mod')).toContain(`go.etcd.io/etcd/server/v3 v${versions.etcd.replace(/-.*/, '')}\n`);
    expect(read('artifacts/sources/metrics-server/go.mod')).toContain(`sigs.k8s.io/metrics-server ${versions.metricsServer}\n`);
    expect(read('artifacts/sources/local-path/go.mod')).toContain(`local-path-provisioner ${versions.localPath}\n`);
  });
});

it.each(collectorPrograms.map(({ id, version }) => [id, version]))('%s is built from the version that is said: %s', (id, version) =>
  expect(read(`artifacts/sources/${id}/go.mod`)).toMatch(new RegExp(`^(\\t|require )\\S+ v${version.replaceAll('.', '\\.')}$`, 'm')),
);

describe('what is written in two places is the same in both', () => {
  it('our own image: its name, and its programs offline and on a node', () => {
    expect(read('components/network/bridge-cni.ts')).toContain(`image: '${ownImages[0]!.name}'`);
    const offline = podImages.find(({ repository }) => repository === 'bridge-cni')!;
    expect(`flotilla.internal/bridge-cni:${offline.tag}`).toBe(ownImages[0]!.name);
    expect(offline.debianPrograms).toEqual(ownImages[0]!.programs);
  });

  it('the charts that are staged are those that the components name', () => {
    for (const [name, version] of Object.entries(stagedCharts))
      expect(read('components/storage/local-path.ts') + read('components/scaling/metrics-server.ts')).toContain(
        `name: '${name}', version: '${version}'`,
      );
  });

  it.each(['null', 'helm', 'kubernetes'] as const)('the range of provider %s is that of the stacks', (name) =>
    expect(read('stacks/terraform-settings.ts')).toContain(`${name}: '${providerRanges[name]}'`),
  );
});
