import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { vaultIssuer } from '../../../components/pki/vault-issuer';
import { Sandbox } from '../../support/sandbox';

/**
 * An API server and a cert-manager: objects in one file; a certificate is signed as soon as its issuer exists, and the Secret says by whom. It writes down
 * whether the Secret was ever missing once it was there. `$API/broken` names a call that fails.
 */
const api = `
all="$*"
state="$API/state.json"
[[ -e "$state" ]] || echo '{"items": []}' >"$state"
if [[ -e "$API/broken" && "$all" == *"$(cat "$API/broken")"* ]]; then echo 'connection refused' >&2; exit 1; fi
change() { jq "$@" "$state" >"$state.new" && mv "$state.new" "$state"; }
sign() { [[ -e "$API/lazy" ]] || change '. as $all | .items |= map(if .kind == "Certificate" and any($all.items[]; .kind == "ClusterIssuer") then . + {signedBy: .spec.issuerRef.name} else . end)
  | .secrets = ((.secrets // {}) + ([.items[] | select(.signedBy) | {(.metadata.namespace + "/" + .spec.secretName): .signedBy}] | add // {}))'; }
shift 2
case "$*" in
  'apply -f -') object="$(cat)"; change --argjson new "$object" '.items |= (map(select(.kind != $new.kind or .metadata.name != $new.metadata.name)) + [$new])'; sign ;;
  'get clusterissuer '*) jq -r --arg name "$3" '.items[] | select(.kind == "ClusterIssuer" and .metadata.name == $name) | "clusterissuer/" + .metadata.name' "$state" ;;
  'get customresourcedefinition '*) [[ ! -e "$API/stub" ]] || echo true ;;
  'get namespace '*) [[ -e "$API/no-namespace" ]] || echo "namespace/$3" ;;
  *'{.items[*].spec.issuerRef.name}'*) jq -r '[.items[] | select(.kind == "Certificate") | .spec.issuerRef.name] | join(" ")' "$state" ;;
  'get certificates '*) jq '{items: [.items[] | select(.kind == "Certificate")]}' "$state" ;;
  'get secret '*) jq -j --arg key "$5/$3" '.secrets[$key] // ""' "$state" ;;
  'wait '*) ;;
  'patch certificate '*) change --arg name "$3" --argjson patch "$(sed 's/.*--patch //' <<<"$all")" '.items |= map(if .kind == "Certificate" and .metadata.name == $name then . * $patch else . end)'; sign ;;
  'delete '*) change --arg kind "$2" --arg name "$3" '.items |= map(select((.kind | ascii_downcase) != $kind or .metadata.name != $name))' ;;
  *) echo "the fake kubectl does not know: $*" >&2; exit 1 ;;
esac`;

let sandbox: Sandbox;
let store: string;
beforeEach(() => {
  sandbox = new Sandbox();
  store = sandbox.clusters(api);
});
afterEach(() => sandbox.remove());

const common = { deployment: '.flotilla/lab@nspawn', cluster: 'hub', issuer: 'selfsigned-bootstrap', successor: 'vault-issuer' };
const first = {
  ...common,
  namespace: 'gateway-system',
  certificate: 'wildcard-bootstrap',
  secretName: 'wildcard-tls',
  dnsNames: ['*.hub.test', 'hub.test'],
};
const run = (phase: 1 | 2, more: object = {}, folder?: string) => {
  const input = { ...(phase === 1 ? first : common), ...more };
  const file = `host/pki-phase-${phase}.sh`;
  return folder === undefined
    ? sandbox.script(file, input, { API: store })
    : sandbox.bash([join(folder, file)], { INPUT: JSON.stringify(input), API: store });
};
const state = () => JSON.parse(readFileSync(join(store, 'state.json'), 'utf8'));
const objects = (): readonly string[] =>
  state().items.map(({ kind, metadata }: { kind: string; metadata: { name: string } }) => `${kind} ${metadata.name}`);
const put = (object: object) =>
  sandbox.lines([], 'kubectl --kubeconfig x apply -f - <<<"$OBJECT"', { API: store, OBJECT: JSON.stringify(object) });
const vaultIsReady = () => put({ kind: 'ClusterIssuer', metadata: { name: 'vault-issuer' } });
const certificate = (name: string, issuer: string, secretName = `${name}-tls`) => ({
  kind: 'Certificate',
  metadata: { name, namespace: 'gateway-system' },
  spec: { secretName, issuerRef: { name: issuer } },
});
/** The checks of the component on this cluster: descriptions of those that fail. */
const failing = (): readonly string[] =>
  vaultIssuer
    .checks!.filter(({ command }) => command[0] === 'sh')
    .filter(
      ({ command }) =>
        sandbox.lines([], 'kubectl() { command kubectl --kubeconfig x "$@"; }; export -f kubectl; bash -c "$CHECK"', {
          API: store,
          CHECK: command[2]!,
        }).code !== 0,
    )
    .map(({ description }) => description);
const gone = 'the issuer of phase 1 is deleted';
const unused = 'no certificate requests the issuer of phase 1';

it('phase 1 makes the issuer and the first certificate, phase 2 has Vault sign it anew and deletes both, the Secret stays; twice is as once', () => {
  for (const _ of [1, 2]) {
    expect(run(1).code).toBe(0);
    expect(objects()).toEqual(['ClusterIssuer selfsigned-bootstrap', 'Certificate wildcard-bootstrap']);
  }
  expect(state().secrets).toEqual({ 'gateway-system/wildcard-tls': 'selfsigned-bootstrap' });
  expect(failing()).toEqual([gone, unused]);
  vaultIsReady();
  for (const _ of [1, 2]) {
    expect(run(2).code).toBe(0);
    expect(objects()).toEqual(['ClusterIssuer vault-issuer']);
    expect(state().secrets).toEqual({ 'gateway-system/wildcard-tls': 'vault-issuer' });
  }
  expect(failing()).toEqual([]);
  // Terraform may run the first step again, such as after its script was changed.
  expect(run(1)).toMatchObject({ code: 0, stderr: expect.stringContaining('phase 1 is over') });
  expect(objects()).toEqual(['ClusterIssuer vault-issuer']);
});

it('a deployment that was in phase 2 before there was a phase 1 is left as it is', () => {
  vaultIsReady();
  put(certificate('wildcard', 'vault-issuer', 'wildcard-tls'));
  const before = state();
  expect([run(1).code, run(2).code]).toEqual([0, 0]);
  expect(state()).toEqual(before);
});

it('without the namespace of the gateway there is an issuer and no certificate, and it goes too', () => {
  writeFileSync(join(store, 'no-namespace'), '');
  expect(run(1).code).toBe(0);
  expect(objects()).toEqual(['ClusterIssuer selfsigned-bootstrap']);
  vaultIsReady();
  expect(run(2).code).toBe(0);
  expect(objects()).toEqual(['ClusterIssuer vault-issuer']);
});

it('with a stub of cert-manager, which signs nothing, no signature is waited for', () => {
  for (const file of ['lazy', 'stub']) writeFileSync(join(store, file), '');
  expect(run(1)).toMatchObject({ code: 0, stderr: expect.stringContaining('cert-manager is a stub here') });
  vaultIsReady();
  expect(run(2).code).toBe(0);
  expect(objects()).toEqual(['ClusterIssuer vault-issuer']);
});

it('the issuer stays, and the run fails, while a certificate that somebody else made requests it', () => {
  run(1);
  put(certificate('shop', 'selfsigned-bootstrap'));
  vaultIsReady();
  expect(run(2)).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('still request issuer selfsigned-bootstrap, which phase 2 deletes: gateway-system/shop'),
  });
  expect(objects()).toContain('ClusterIssuer selfsigned-bootstrap');
});

it('the issuer stays while Vault does not sign: nothing is given up that still works', () => {
  run(1);
  vaultIsReady();
  writeFileSync(join(store, 'lazy'), '');
  expect(run(2, { timeoutSeconds: 1 })).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('vault-issuer has not issued certificate'),
  });
  expect(objects()).toContain('ClusterIssuer selfsigned-bootstrap');
  expect(state().secrets).toEqual({ 'gateway-system/wildcard-tls': 'selfsigned-bootstrap' });
});

it.each([
  [1, 'get clusterissuer vault-issuer'],
  [1, 'get namespace'],
  [1, 'get certificates'],
  [2, 'get certificates'],
  [2, 'patch certificate'],
  [2, 'delete clusterissuer'],
] as const)('phase %s fails when "%s" gets no answer, and the next run ends well', (phase, call) => {
  if (phase === 2) {
    run(1);
    vaultIsReady();
  }
  writeFileSync(join(store, 'broken'), call);
  expect(run(phase).code).toBe(1);
  writeFileSync(join(store, 'broken'), 'nothing');
  if (phase === 1) {
    expect(run(1).code).toBe(0);
    vaultIsReady();
  }
  expect(run(2).code).toBe(0);
  expect(objects()).toEqual(['ClusterIssuer vault-issuer']);
});

describe('the checks are red', () => {
  it('when phase 2 does not delete the issuer', () => {
    const folder = sandbox.copy();
    const file = join(folder, 'host/pki-phase-2.sh');
    const text = readFileSync(file, 'utf8');
    const mutated = text.replace('cluster_kubectl delete clusterissuer', 'true delete clusterissuer');
    expect(mutated).not.toBe(text);
    writeFileSync(file, mutated);
    run(1);
    vaultIsReady();
    expect(run(2, {}, folder).code).toBe(0);
    expect(failing()).toEqual([gone]);
  });

  it('when a certificate still requests the issuer of phase 1', () => {
    vaultIsReady();
    put(certificate('shop', 'selfsigned-bootstrap'));
    expect(failing()).toEqual([unused]);
  });

  it('when the API server does not answer', () => {
    writeFileSync(join(store, 'broken'), 'get');
    expect(failing()).toEqual([gone, unused]);
  });
});
