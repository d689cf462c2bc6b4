import { spawnSync } from 'node:child_process';
import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { type Json, load, readFile, resolveFresh, root } from '../../support/fleet-fixture';
import { Sandbox } from '../../support/sandbox';

const program = join(root, 'components/files/app-repository.sh');

describe('app-repository.sh', () => {
  let sandbox: Sandbox;
  beforeEach(() => {
    sandbox = new Sandbox();
  });
  afterEach(() => sandbox.remove());

  const put = (path: string, text: string) => {
    const file = join(sandbox.root, 'files', path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  };
  const publish = (repository = 'apps') => {
    const env = { ...process.env, SOURCE: join(sandbox.root, 'files'), REPOSITORY: join(sandbox.root, repository), TMPDIR: sandbox.root };
    const run = spawnSync('bash', ['-c', `. '${program}'; publish`], { env, encoding: 'utf8' });
    expect([run.status, run.stderr]).toEqual([0, '']);
    return run.stdout;
  };
  const git = (...words: string[]) => spawnSync('git', words, { encoding: 'utf8' }).stdout.trim();
  const log = (repository = 'apps') => git('--git-dir', join(sandbox.root, repository), 'log', '--format=%H', 'main').split('\n');

  test('commits what is there, once, and the same everywhere', () => {
    put('apps/page.yaml', 'a: 1\n');
    expect(publish()).toMatch(/^main is now [0-9a-f]{40}\n$/);
    expect(publish()).toBe('');
    publish('elsewhere');
    expect(log('elsewhere')).toEqual(log());
  });

  test('a lock that a killed container has left is taken away at the start', () => {
    put('apps/page.yaml', 'a: 1\n');
    publish();
    put('apps/page.yaml', 'a: 2\n');
    const left = join(sandbox.root, 'apps/refs/heads/main.lock');
    writeFileSync(left, '');
    const env = { ...process.env, SOURCE: join(sandbox.root, 'files'), REPOSITORY: join(sandbox.root, 'apps'), TMPDIR: sandbox.root };
    const run = (words: string) => spawnSync('bash', ['-c', `. '${program}'; ${words}`], { env, encoding: 'utf8' });
    // The twin: with it no commit comes any more.
    expect(run('publish').status).not.toBe(0);
    expect(run('unlock; publish').stdout).toMatch(/^main is now /);
    expect(readFile('components/files/app-repository.sh')).toMatch(/trap [^\n]*\n {2}unlock\n {2}while/);
  });

  test('at the very first start there is nothing to unlock, and that ends nobody', () => {
    put('apps/page.yaml', 'a: 1\n');
    const env = { ...process.env, SOURCE: join(sandbox.root, 'files'), REPOSITORY: join(sandbox.root, 'fresh'), TMPDIR: sandbox.root };
    const { status, stdout } = spawnSync('bash', ['-c', `. '${program}'; unlock; publish`], { env, encoding: 'utf8' });
    expect([status, stdout]).toEqual([0, expect.stringMatching(/^main is now /)]);
  });

  test('a changed, a new and a removed file make a commit; who reads by file:// gets it', () => {
    put('apps/page.yaml', 'a: 1\n');
    put('apps/gone.yaml', 'b: 1\n');
    publish();
    rmSync(join(sandbox.root, 'files/apps/gone.yaml'));
    put('apps/page.yaml', 'a: 2\n');
    put('page/new.yaml', 'c: 1\n');
    publish();
    expect(log()).toHaveLength(2);
    const clone = join(sandbox.root, 'clone');
    git('clone', '--quiet', '--branch', 'main', `file://${join(sandbox.root, 'apps')}`, clone);
    expect(git('-C', clone, 'ls-files').split('\n')).toEqual(['apps/page.yaml', 'page/new.yaml']);
    expect(git('-C', clone, 'show', 'HEAD:apps/page.yaml')).toBe('a: 2');
  });

  test('reads a folder as Kubernetes mounts it, and leaves nothing of its work behind', () => {
    put('..2026/apps/page.yaml', 'a: 1\n');
    symlinkSync('..2026', join(sandbox.root, 'files/..data'));
    symlinkSync('..data/apps', join(sandbox.root, 'files/apps'));
    publish();
    expect(git('--git-dir', join(sandbox.root, 'apps'), 'ls-tree', '-r', '--name-only', 'main')).toBe('apps/page.yaml');
    expect(spawnSync('ls', [sandbox.root], { encoding: 'utf8' }).stdout).not.toMatch(/^tmp\./m);
  });
});

describe('the repository of the fleet kind', () => {
  const { components } = resolveFresh(load('kind')).clusters[0]!;
  const valuesOf = (id: string): Json => components.find((one) => one.id === id)!.values;
  const folder = 'components/files/app-repository';
  const mounted = (server: Json): string[] =>
    server.volumes.flatMap(({ configMap }: Json) => configMap?.items.map(({ path }: Json) => path) ?? []);
  /** What an application of applications asks for and does not get. */
  const faultsOf = (root: Json, project: Json, server: Json): string[] => {
    const paths = mounted(server);
    const children: Json[] = paths
      .filter((path) => path.startsWith(`${root.source.path}/`))
      .flatMap((path) => parseAllDocuments(readFile(`${folder}/${path}`)!).map((document) => document.toJS()));
    const [{ env }] = server.extraContainers;
    const made = `file://${env.find(({ name }: Json) => name === 'REPOSITORY').value}`;
    const seen = server.volumeMounts.some(({ mountPath }: Json) => made.startsWith(`file://${mountPath}/`));
    return [
      ...(seen ? [] : ['the server does not see the repository']),
      ...(children.length > 0 ? [] : ['there is no application']),
      ...[{ metadata: { name: 'apps' }, spec: root }, ...children].flatMap(
        ({ metadata: { name }, spec: { source, project: of } }: Json) => [
          ...(source.repoURL === made && project.sourceRepos.includes(made) ? [] : [`${name} reads another repository`]),
          ...(source.targetRevision === 'main' ? [] : [`${name} follows ${source.targetRevision}`]),
          ...(paths.some((path) => path.startsWith(`${source.path}/`)) ? [] : [`${name}: nothing in ${source.path}`]),
          ...(of === 'apps' ? [] : [`${name} is of project ${of}`]),
        ],
      ),
    ];
  };
  const parts = (): [Json, Json, Json] => {
    const { applications, projects } = JSON.parse(JSON.stringify(valuesOf('argo-cd-apps')));
    return [applications.apps, projects.apps, JSON.parse(JSON.stringify(valuesOf('argo-cd').repoServer))];
  };

  test('holds what its applications ask for; nothing in it is of others', () => expect(faultsOf(...parts())).toEqual([]));

  test.each<[string, (application: Json, project: Json, server: Json) => void]>([
    ['somebody else writes what is installed', ({ source }) => (source.repoURL = 'https://github.com/argoproj/argocd-example-apps.git')],
    ['a branch of others is followed', ({ source }) => (source.targetRevision = 'HEAD')],
    ['a folder is not there', ({ source }) => (source.path = 'nowhere')],
    ['the project does not let it through', (_application, project) => (project.sourceRepos = [])],
    ['the server does not see the folder', (_application, _project, server) => (server.volumeMounts = [])],
    ['a file is not mounted', (_application, _project, server) => server.volumes[1].configMap.items.pop()],
  ])('is red when %s', (_, sabotage) => {
    const broken = parts();
    sabotage(...broken);
    expect(faultsOf(...broken)).not.toEqual([]);
  });

  test('every file of the folder is in it, and Argo CD without it has no container more', () => {
    const there = spawnSync('git', ['ls-files', '--cached', '--others', folder], { cwd: root, encoding: 'utf8' }).stdout.trim().split('\n');
    expect(
      mounted(valuesOf('argo-cd').repoServer)
        .filter((path) => path.includes('/'))
        .map((path) => `${folder}/${path}`)
        .sort(),
    ).toEqual(there.sort());
    const hub = resolveFresh(load('trio')).clusters[0]!.components.find(({ id }) => id === 'argo-cd')!.values as Json;
    expect(hub.repoServer.extraContainers).toBeUndefined();
  });
});
