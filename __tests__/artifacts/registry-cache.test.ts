import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { artifacts } from '../../artifacts/artifacts';
import { artifactFolder } from '../../artifacts/engine';
import { artifactKeys } from '../../artifacts/keys';
import { defaultCacheDir } from '../../artifacts/prepare';
import { repository, Sandbox } from '../support/sandbox';

// Our own registry program, on one side as "the internet", on the other as the cache in front of it.
const hasGo = spawnSync('go', ['version']).status === 0;
const tools = (id: string): string => (hasGo ? artifactFolder(defaultCacheDir(), id, artifactKeys(repository, artifacts).get(id)!) : '');
const bin = tools('host-tools');
const isBuilt = process.platform === 'linux' && existsSync(join(bin, 'registry'));
const libs = ['lib/input.sh', 'lib/file.sh', 'lib/deployment.sh', 'lib/lab.sh', 'lib/registry.sh'];
const uid = 'h7test';

const freePort = (): Promise<number> =>
  new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });

(isBuilt ? it : it.skip)(
  'an image pulled once through the cache is served without its upstream; registries that are not wanted go',
  async () => {
    const sandbox = new Sandbox();
    const [upstreamPort, cachePort, ownPort] = [await freePort(), await freePort(), await freePort()];
    const config = sandbox.write(
      'upstream.yml',
      `version: 0.1\nlog: {level: error}\nstorage: {filesystem: {rootdirectory: "${sandbox.root}/upstream"}}\nhttp: {addr: "127.0.0.1:${upstreamPort}"}\n`,
    );
    const crane = (...words: string[]) =>
      spawnSync(join(bin, 'crane'), [...words, '--insecure'], { encoding: 'utf8', env: { ...process.env, NO_PROXY: '*' } });
    const answers = async (port: number): Promise<boolean> => {
      for (let left = 200; left > 0; left--) {
        if (spawnSync('bash', ['-c', `exec 3<>/dev/tcp/127.0.0.1/${port}`]).status === 0) return true;
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
      return false;
    };
    const sources = (changed: object): void => {
      const file = join(sandbox.deployment, 'sources.json');
      mkdirSync(join(dirname(file), 'logs'), { recursive: true });
      writeFileSync(
        file,
        JSON.stringify({ bin, registryStore: '', imageCache: join(sandbox.root, 'cache'), imageUpstreams: [], ...changed }),
      );
    };
    const up = () =>
      sandbox.lines(libs, `serve_registries '${sandbox.deployment}' ${uid} 127.0.0.1 ${ownPort}; registry_process ${uid} | wc -l`);
    const upstream = spawn(join(bin, 'registry'), ['serve', config], {
      stdio: 'ignore',
      env: { PATH: process.env.PATH, OTEL_TRACES_EXPORTER: 'none' },
    });
    try {
      expect(await answers(upstreamPort)).toBe(true);
      sandbox.write('tree/hello', 'hello\n');
      spawnSync('tar', ['-C', join(sandbox.root, 'tree'), '-cf', join(sandbox.root, 'layer.tar'), '.']);
      crane('append', '--new_layer', join(sandbox.root, 'layer.tar'), '--new_tag', `127.0.0.1:${upstreamPort}/a/b:1`);

      sources({ imageUpstreams: [{ registry: 'up.test', remote: `http://127.0.0.1:${upstreamPort}`, port: cachePort }] });
      expect(up()).toMatchObject({ code: 0, stdout: '1\n' });
      const process1 = sandbox.lines(libs, `registry_process ${uid} up.test`).stdout;
      expect(up()).toMatchObject({ code: 0, stdout: '1\n' });
      expect(sandbox.lines(libs, `registry_process ${uid} up.test`).stdout).toBe(process1);

      const pull = (to: string) => crane('pull', `127.0.0.1:${cachePort}/a/b:1`, join(sandbox.root, to));
      expect(pull('first.tar')).toMatchObject({ status: 0 });
      upstream.kill();
      await new Promise((resolve) => upstream.once('exit', resolve));
      expect(pull('second.tar')).toMatchObject({ status: 0 });
      expect(readFileSync(join(sandbox.root, 'second.tar'))).toEqual(readFileSync(join(sandbox.root, 'first.tar')));
      // What was never pulled is not there: the first pull did go upstream.
      expect(crane('pull', `127.0.0.1:${cachePort}/a/c:1`, join(sandbox.root, 'none.tar')).status).not.toBe(0);

      sources({ registryStore: join(sandbox.root, 'upstream') });
      expect(up()).toMatchObject({ code: 0, stdout: '1\n' });
      expect(await answers(ownPort)).toBe(true);
      expect(sandbox.lines(libs, `registry_process ${uid} up.test; ls '${sandbox.deployment}/logs'`).stdout).not.toContain('up.test.yml');
    } finally {
      upstream.kill();
      sandbox.lines(libs, `stop_registry ${uid}`);
      sandbox.remove();
    }
  },
  120_000,
);
