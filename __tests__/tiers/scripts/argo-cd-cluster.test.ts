import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Sandbox } from '../../support/sandbox';

const token = 'canary-of-a-token';
/** Two clusters' APIs: they keep what is applied by the kubeconfig's name; the token comes at the second look. */
const api = `
all="$*"
name="$(sed -E 's|.*--kubeconfig [^ ]*/([a-z]+) .*|\\1|' <<<"$all")"
case "$all" in
  *' apply '*) cat >>"$API/$name" ;;
  *' get secret '*) if [[ -e "$API/looked" ]]; then
      printf '{"data": {"token": "%s", "ca.crt": "Q0E="}}' "$(printf '${token}' | base64)"
    else touch "$API/looked" && echo '{"data": {}}'; fi ;;
esac`;

let sandbox: Sandbox;
let store: string;
beforeEach(() => {
  sandbox = new Sandbox();
  store = sandbox.clusters(api);
});
afterEach(() => sandbox.remove());

const register = (more: object = {}) =>
  sandbox.script(
    'host/argo-cd-cluster.sh',
    { deployment: '.flotilla/lab@nspawn', cluster: 'hub', client: 'edge', server: 'https://api.edge:6443', ...more },
    { API: store },
  );

it('makes an account in the other cluster and tells Argo CD of it, without a word or an argument that holds the token', () => {
  expect(register({ labels: { role: 'agent' } })).toEqual({ code: 0, stdout: '', stderr: '' });
  expect(JSON.parse(readFileSync(join(store, 'edge'), 'utf8')).items.map(({ kind }: { kind: string }) => kind)).toEqual([
    'ServiceAccount',
    'ClusterRoleBinding',
    'Secret',
  ]);
  const { metadata, data } = JSON.parse(readFileSync(join(store, 'hub'), 'utf8'));
  const decoded = (key: string): string => Buffer.from(data[key], 'base64').toString();
  expect(metadata).toEqual({
    name: 'cluster-edge',
    namespace: 'argocd',
    labels: { role: 'agent', 'argocd.argoproj.io/secret-type': 'cluster' },
  });
  expect([decoded('name'), decoded('server')]).toEqual(['edge', 'https://api.edge:6443']);
  expect(JSON.parse(decoded('config'))).toEqual({ bearerToken: token, tlsClientConfig: { caData: 'Q0E=' } });
  expect(sandbox.calls().join('\n')).not.toContain(token);
  expect(register().code).toBe(0);
});

it('registers a cluster without labels', () => {
  expect(register()).toEqual({ code: 0, stdout: '', stderr: '' });
  expect(JSON.parse(readFileSync(join(store, 'hub'), 'utf8')).metadata.labels).toEqual({ 'argocd.argoproj.io/secret-type': 'cluster' });
});

it('says which cluster is not there', () => {
  expect(register({ client: 'far' })).toMatchObject({ code: 1, stderr: expect.stringContaining('no kubeconfig for cluster "far"') });
});
