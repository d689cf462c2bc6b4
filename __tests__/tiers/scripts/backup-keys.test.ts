import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ResolvedFleet } from '../../../model/resolved-fleet';
import { load, resolveFresh } from '../../support/fleet-fixture';
import { Sandbox } from '../../support/sandbox';

/** The API of every cluster: keeps what it is given as <cluster>.<Secret>. */
const api = `
case "$*" in
  *' apply '*) body="$(cat)"; cluster="$(printf '%s\\n' "$@" | sed -n 's:.*kubeconfig/::p')"
    printf '%s' "$body" >"$API/$cluster.$(printf '%s' "$body" | jq -r .metadata.name)" ;;
esac`;

let sandbox: Sandbox;
let store: string;
beforeEach(() => {
  sandbox = new Sandbox();
  store = join(sandbox.root, 'api');
  mkdirSync(store);
  sandbox.write('.flotilla/trio@test/sources.json', { bin: join(sandbox.root, 'bin') });
  sandbox.stub('kubectl', api);
});
afterEach(() => sandbox.remove());

/** Lays down the Secrets of backups in all clusters, and says which of them hold which cluster's key. */
function holders({ clusters }: Pick<ResolvedFleet, 'clusters'>): Record<string, string[]> {
  for (const { name: cluster, components } of clusters) {
    sandbox.write(`.flotilla/trio@test/kubeconfig/${cluster}`, 'a');
    for (const { id, namespace, secrets } of components.filter(({ id }) => ['velero', 'seaweedfs'].includes(id))) {
      const input = { deployment: '.flotilla/trio@test', uid: 'abc123', cluster, namespace: namespace.name, component: id, secrets };
      expect(sandbox.script('host/apply-secrets.sh', input, { API: store })).toEqual({ code: 0, stdout: '', stderr: '' });
    }
  }
  const texts = readdirSync(store).map((file) => {
    const data: Record<string, string> = JSON.parse(readFileSync(join(store, file), 'utf8')).data;
    return [file, Object.values(data).map((value) => Buffer.from(value, 'base64').toString())] as const;
  });
  const used = texts.filter(([file]) => file.endsWith('.velero-s3'));
  return Object.fromEntries(
    used.map(([file, [text]]) => {
      const key = /secret_access_key = (\w{32})\n/.exec(text!)![1]!;
      return [file, texts.filter(([, held]) => held.join().includes(key)).map(([holder]) => holder)];
    }),
  );
}

const trio = resolveFresh(load('trio'));
const users = 'mgmt.seaweedfs-users';
const apart = {
  'mgmt.velero-s3': [users, 'mgmt.velero-s3'],
  'app1.velero-s3': ['app1.velero-s3', users],
  'app2.velero-s3': ['app2.velero-s3', users],
};

test('as laid down, the key of a cluster to its backups is with itself and with the store of the hub, and the store reads it', () => {
  const held = holders(trio);
  expect(held).toEqual(apart);
  const { identities } = JSON.parse(
    Buffer.from(JSON.parse(readFileSync(join(store, users), 'utf8')).data.seaweedfs_s3_config, 'base64').toString(),
  );
  expect(identities.map(({ name }: { name: string }) => name)).toEqual(
    expect.arrayContaining(['velero-mgmt', 'velero-app1', 'velero-app2']),
  );
});

test('sabotage: one key for all is found with everybody', () => {
  const shared: ResolvedFleet = JSON.parse(JSON.stringify(trio).replace(/object-store-velero-\w+-key/g, 'object-store-velero-key'));
  expect(holders(shared)['app1.velero-s3']).toEqual(['app1.velero-s3', 'app2.velero-s3', users, 'mgmt.velero-s3']);
});
