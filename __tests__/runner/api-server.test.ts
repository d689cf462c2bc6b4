import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ResolvedCluster } from '../../model/resolved-fleet';
import { chooseServer } from '../../runner/cluster/api-server';
import type { Deployment } from '../../runner/deployment/deployment';

/** A kubectl that reaches the servers that are named in a file, and writes down each that it asks. */
const stub =
  '#!/bin/sh\nfor word; do case "$word" in --server=*) echo "$word" >>"$ASKED"; exec grep -qxF "${word#--server=}" "$UP" ;; esac; done\nexit 1\n';
const server = (plane: number): string => `https://10.0.0.${plane}:6443`;
const config = (named: string) =>
  `clusters:\n- name: hub\n  cluster:\n    server: ${named}\n    tls-server-name: api.hub.test\ncontexts: []\nusers: []\n`;

let folder: string;
let file: string;
let deployment: Deployment;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'flotilla-server-'));
  for (const part of ['kubeconfig', 'nodes']) mkdirSync(join(folder, part));
  file = join(folder, 'kubeconfig', 'hub');
  writeFileSync(file, config(server(1)), { mode: 0o600 });
  writeFileSync(join(folder, 'kubectl'), stub);
  chmodSync(join(folder, 'kubectl'), 0o755);
  writeFileSync(join(folder, 'asked'), '');
  const environment = { PATH: `${folder}:${process.env.PATH}`, UP: join(folder, 'up'), ASKED: join(folder, 'asked') };
  deployment = {
    folder,
    environment,
    kubeconfig: () => file,
    model: { provider: { addresses: 'fixed' }, clusters: [hub(1)] },
  } as unknown as Deployment;
});
afterEach(() => rmSync(folder, { recursive: true }));

const hub = (planes: number): ResolvedCluster => {
  const nodes = Array.from({ length: planes }, (_, index) => ({
    name: `cp-${index + 1}`,
    role: 'control-plane',
    address: `10.0.0.${index + 1}`,
  }));
  const workers = [{ name: 'worker-1', role: 'worker', address: '10.0.0.9' }];
  return {
    name: 'hub',
    kubeconfig: 'kubeconfig/hub',
    api: { name: 'api.hub.test', port: 6443 },
    nodes: [...workers, ...nodes],
  } as unknown as ResolvedCluster;
};
const up = (...planes: number[]): void => writeFileSync(join(folder, 'up'), `${planes.map(server).join('\n')}\n`);
const asked = (): string[] => readFileSync(join(folder, 'asked'), 'utf8').split('\n').filter(Boolean);
const named = (): string | undefined => /server: (\S+)/.exec(readFileSync(file, 'utf8'))?.[1];

test('who answers stays, and no other one is asked', async () => {
  up(1, 2, 3);
  await chooseServer(deployment, hub(3));
  expect([named(), asked()]).toEqual([server(1), [`--server=${server(1)}`]]);
});

test('the next control plane that answers takes its place, in the merged file too; nobody else can read it', async () => {
  up(2, 3);
  await chooseServer(deployment, hub(3));
  expect(readFileSync(file, 'utf8')).toBe(config(server(2)));
  expect(readFileSync(join(folder, 'kubeconfig', 'merged'), 'utf8')).toContain(server(2));
  for (const written of ['hub', 'merged']) expect(statSync(join(folder, 'kubeconfig', written)).mode & 0o777).toBe(0o600);
  up(3);
  await chooseServer(deployment, hub(3));
  expect(named()).toBe(server(3));
});

test('where none answers the file stays, and so it does where there is one control plane only, which is not even asked', async () => {
  up();
  await chooseServer(deployment, hub(3));
  expect(named()).toBe(server(1));
  writeFileSync(join(folder, 'asked'), '');
  await chooseServer(deployment, hub(1));
  expect([named(), asked()]).toEqual([server(1), []]);
});

test('a control plane that left the fleet is no choice any more', async () => {
  writeFileSync(file, config(server(3)));
  up(1);
  await chooseServer(deployment, hub(1));
  expect(named()).toBe(server(1));
});

test('there is nothing to choose before there is a kubeconfig', async () => {
  rmSync(file);
  up(1);
  await chooseServer(deployment, hub(3));
  expect([existsSync(file), asked()]).toEqual([false, []]);
});
