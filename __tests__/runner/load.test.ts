import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fullName, readArchive } from '../../runner/cluster/image-archive';
import { findArchive } from '../../runner/cluster/load';
import { Sandbox } from '../support/sandbox';

const work = mkdtempSync(join(tmpdir(), 'flotilla-load-test-'));
afterAll(() => rmSync(work, { recursive: true }));

let count = 0;
/** A tar file with these members. */
function archive(members: Readonly<Record<string, string>>, ...flags: string[]): string {
  const folder = join(work, String(count++));
  mkdirSync(folder);
  for (const [name, text] of Object.entries(members)) writeFileSync(join(folder, name), text);
  const file = `${folder}.tar`;
  execFileSync('tar', ['-C', folder, ...flags, '-cf', file, ...(flags.includes('.') ? [] : Object.keys(members))]);
  return file;
}
const config = '{"os":"linux"}';
const configDigest = `sha256:${createHash('sha256').update(config).digest('hex')}`;
const docker = (tags: string[] | null) => ({ 'manifest.json': JSON.stringify([{ Config: 'c.json', RepoTags: tags }]), 'c.json': config });

test.each([
  ['app', 'docker.io/library/app:latest'],
  ['me/app:1', 'docker.io/me/app:1'],
  ['localhost/app', 'localhost/app:latest'],
  ['registry.test:5000/app@sha256:00', 'registry.test:5000/app@sha256:00'],
])('%s is %s', (name, full) => expect(fullName(name)).toBe(full));

test('a docker-archive tells names in full and the digest of each configuration, also packed with gzip', () => {
  const file = archive(docker(['app:1', 'quay.io/me/app:2']));
  const expected = [
    { name: 'docker.io/library/app:1', digest: configDigest },
    { name: 'quay.io/me/app:2', digest: configDigest },
  ];
  expect(readArchive(file)).toEqual(expected);
  execFileSync('gzip', ['-k', file]);
  expect(readArchive(`${file}.gz`)).toEqual(expected);
});

test('an OCI layout is read by the names that its index gives in full', () => {
  const entry = { digest: 'sha256:11', annotations: { 'io.containerd.image.name': 'docker.io/library/app:1' } };
  expect(readArchive(archive({ 'index.json': JSON.stringify({ manifests: [entry] }) }))).toEqual([
    { name: 'docker.io/library/app:1', digest: 'sha256:11' },
  ]);
});

test.each([
  ['no image archive', { x: 'y' }, /is no docker-archive and no OCI layout/],
  ['an image without a name', docker(null), /has no name, so no pod could ask for it; make it with "docker save/],
  [
    'a name without its registry',
    { 'index.json': JSON.stringify({ manifests: [{ digest: 'd', annotations: { 'org.opencontainers.image.ref.name': '1' } }] }) },
    /"1" in it lacks its registry/,
  ],
  ['a list that is no JSON', { 'manifest.json': '[{' }, /is no JSON/],
  [
    'a configuration that is missing',
    { 'manifest.json': JSON.stringify([{ Config: 'c', RepoTags: ['a:1'] }]) },
    /names c, which is not in it/,
  ],
])('%s is refused with what to do', (_, members, saying) => expect(() => readArchive(archive(members))).toThrow(saying));

describe('an image by name', () => {
  const bin = join(work, 'bin');
  const program = (name: string, body: string): void => {
    mkdirSync(bin, { recursive: true });
    writeFileSync(join(bin, name), `#!/bin/sh\n${body}\n`);
    chmodSync(join(bin, name), 0o755);
  };
  const environment = { PATH: `${bin}:/usr/bin:/bin` };

  it('comes from the first of docker and podman that holds it', () => {
    program('docker', 'echo "Error: no such image" >&2; exit 1');
    program('podman', `[ "$2" = --format=docker-archive ] && cp '${archive(docker(['app:1']))}' "$4"`);
    expect(findArchive('app:1', work, environment).images).toEqual([{ name: 'docker.io/library/app:1', digest: configDigest }]);
  });

  it('that nobody holds is refused with what each said', () => {
    program('podman', 'exit 1');
    expect(() => findArchive('app:1', work, environment)).toThrow(/docker: Error: no such image; podman/);
    expect(() => findArchive('no-such-file.tar', work, environment)).toThrow(/there is no such file/);
  });
});

describe('load-image.sh', () => {
  const images = [{ name: 'docker.io/library/app:1', digest: 'sha256:aa' }];
  let sandbox: Sandbox;
  beforeEach(() => {
    sandbox = new Sandbox();
    sandbox.write('.flotilla/lab@nspawn/nodes/n.json', { address: '10.0.0.9' });
    sandbox.write('app.tar', 'the archive');
  });
  afterEach(() => sandbox.remove());
  const load = () => sandbox.script('host/load-image.sh', { deployment: '.flotilla/lab@nspawn', node: 'n', archive: 'app.tar', images });
  // Their arguments are scripts of many lines.
  const sshCalls = () => sandbox.calls().filter((line) => line.startsWith('ssh '));
  /** A node that holds the image once it was imported, unless it takes it and does not show it. */
  const node = (held: boolean, shows = true): void =>
    sandbox.stub(
      'ssh',
      `if [[ "$*" == *'images import -'* ]]; then cat >imported; exit 0; fi
       cat >/dev/null
       if ${held} || { ${shows} && [[ -e imported ]]; }; then echo '[]'; else echo '${JSON.stringify(images)}'; fi`,
    );

  it('sends the file to a node that lacks an image, and looks for it afterwards', () => {
    node(false);
    expect(load()).toMatchObject({ code: 0, stdout: '{"node":"n","loaded":["docker.io/library/app:1"]}\n' });
    expect(sshCalls()).toHaveLength(3);
    expect(sandbox.lines([], 'cat imported').stdout).toBe('the archive');
  });

  it('sends nothing to a node that holds it by name and digest', () => {
    node(true);
    expect(load()).toMatchObject({ code: 0, stdout: '{"node":"n","loaded":[]}\n' });
    expect(sshCalls()).toHaveLength(1);
  });

  it('does not believe a node that takes the file and does not show the image', () => {
    node(false, false);
    expect(load()).toMatchObject({ code: 1, stderr: expect.stringContaining('does not show docker.io/library/app:1') });
  });
});

describe('load-image.sh', () => {
  it('misses what has another name or another digest, and looks behind an index', () => {
    const sandbox = new Sandbox();
    sandbox.stub(
      'ctr',
      `case "$*" in
        *'images ls name==docker.io/library/app:1') printf 'REF TYPE DIGEST\\ndocker.io/library/app:1 t sha256:index\\n' ;;
        *'content get sha256:index') echo '{"manifests":[{"digest":"sha256:other"},{"digest":"sha256:m"}]}' ;;
        *'content get sha256:m') echo '{"config":{"digest":"sha256:c"}}' ;;
        *'content get sha256:other') exit 1 ;;
      esac`,
    );
    const ask = (name: string, digest: string) => JSON.parse(sandbox.script('guest/load-image.sh', { images: [{ name, digest }] }).stdout);
    for (const digest of ['sha256:index', 'sha256:c']) expect(ask('docker.io/library/app:1', digest)).toEqual([]);
    expect(ask('docker.io/library/app:1', 'sha256:x')).toEqual([{ name: 'docker.io/library/app:1', digest: 'sha256:x' }]);
    expect(ask('docker.io/library/app:2', 'sha256:c')).toHaveLength(1);
    sandbox.remove();
  });
});
