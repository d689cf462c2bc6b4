import { createSign, generateKeyPairSync } from 'node:crypto';
import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ApiServer, kubernetesPrograms } from '../../support/api-server';
import { watch } from '../../support/vault-secret-watch';
import { describeWithVault, VaultServer } from '../../support/vault-server';
import { stepInput } from '../../support/vault-steps';

const proves = 'that service accounts of a cluster log in to Vault, and only those that may';
const there = kubernetesPrograms();
if (there === null)
  console.warn(`Kubernetes auth: not run, Kubernetes and etcd were never built here (npm start does); not proven: ${proves}`);

const namespace = 'external-secrets';
const audience = 'vault';
const { roles } = stepInput('auth', 'app1');
const account: string = roles.find(({ name }: { name: string }) => name === 'external-secrets').serviceAccounts[0];

/** The token with the same claims, signed by somebody else. */
function forged(token: string): string {
  const [header, claims] = token.split('.');
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  return `${header}.${claims}.${createSign('RSA-SHA256').update(`${header}.${claims}`).sign(privateKey).toString('base64url')}`;
}

const where = there === null ? (name: string, _proves: string, body: () => void): void => describe.skip(name, body) : describeWithVault;
where('Kubernetes auth', proves, () => {
  let vault: VaultServer;
  let api: ApiServer;
  let root: string;
  let mine: string;
  let strangers: Record<string, string>;
  beforeAll(async () => {
    vault = new VaultServer();
    api = new ApiServer(join(vault.root, 'api'));
    await Promise.all([api.start(), vault.start()]);
    root = await vault.open();
    mkdirSync(join(vault.deployment, 'kubeconfig'));
    copyFileSync(api.kubeconfig, join(vault.deployment, 'kubeconfig/app1'));
    writeFileSync(join(vault.deployment, 'sources.json'), JSON.stringify({ bin: there!.kubernetes }));
    vault.must('vault-push.sh', { values: { hub: ['grafana-admin'], app1: ['velero'] } });
    vault.must('vault-policies.sh', stepInput('policies', 'app1'));
    for (const [space, name] of [
      [namespace, account],
      [namespace, 'other'],
      ['elsewhere', account],
    ] as const)
      api.account(space, name);
    mine = api.token(namespace, account, audience);
    strangers = {
      'another account': api.token(namespace, 'other', audience),
      'the account of another namespace': api.token('elsewhere', account, audience),
      'a token for the API server': api.token(namespace, account),
      'a token for somebody else': api.token(namespace, account, 'somebody-else'),
      'a forged token': forged(mine),
    };
  }, 600_000);
  afterAll(async () => {
    await api?.stop();
    await vault?.dispose();
  });

  const input = (): object => ({ client: 'app1', kubernetesHost: api.address, roles });
  const login = (token: string, role = 'external-secrets'): ReturnType<VaultServer['ask']> =>
    vault.ask('', 'POST', 'auth/kubernetes-app1/login', { role, jwt: token });

  /** Who gets in that must not, or the other way round. */
  async function faults(): Promise<string[]> {
    const found = (await login(mine)).status === 200 ? [] : ['the right account is refused'];
    for (const [who, token] of Object.entries(strangers)) if ((await login(token)).status === 200) found.push(`${who} gets in`);
    if ((await login(mine, 'cert-manager')).status === 200) found.push('the role of another account is given');
    return found;
  }

  test('the right account gets a short token for its own values; nobody else gets in', async () => {
    const watched = watch(vault);
    vault.must('vault-auth.sh', input(), watched.environment);
    expect(await faults()).toEqual([]);
    const { data } = await login(mine);
    expect(data.auth.lease_duration).toBe(600);
    const read = async (path: string): Promise<number> => (await vault.ask(data.auth.client_token, 'GET', path)).status;
    expect([await read('kv/data/app1/velero'), await read('kv/data/hub/grafana-admin')]).toEqual([200, 403]);

    const reviewer = JSON.parse(api.kubectl('-n', 'kube-system', 'get', 'secret', 'vault-reviewer', '-o', 'json')).data.token;
    const secrets = { 'root token': root, reviewer: Buffer.from(reviewer, 'base64').toString(), 'reviewer in base64': reviewer };
    expect(watched.seen()).toContain('vault-auth.sh');
    expect(watched.leaks(secrets)).toEqual([]);

    // A second run leaves it as it is.
    vault.must('vault-auth.sh', input());
    expect(await faults()).toEqual([]);
  });

  test("it is Kubernetes that is asked: an account's token dies with it", async () => {
    vault.must('vault-auth.sh', input());
    api.account(namespace, 'short-lived');
    const widened = roles.map((role: object) => ({ ...role, serviceAccounts: ['short-lived'] }));
    vault.must('vault-auth.sh', { ...input(), roles: widened });
    const token = api.token(namespace, 'short-lived', audience);
    expect((await login(token)).status).toBe(200);
    api.kubectl('--namespace', namespace, 'delete', 'serviceaccount', 'short-lived');
    // The API server remembers for ten seconds who a token was.
    const deadline = Date.now() + 60_000;
    while ((await login(token)).status === 200 && Date.now() < deadline) await new Promise((done) => setTimeout(done, 1000));
    expect((await login(token)).status).toBe(403);
  });

  test.each([
    ['bound_service_account_names: .serviceAccounts', 'bound_service_account_names: ["*"]', 'another account gets in'],
    [
      'bound_service_account_namespaces: .namespaces',
      'bound_service_account_namespaces: ["*"]',
      'the account of another namespace gets in',
    ],
    ['.namespaces, audience,', '.namespaces, audience: "somebody-else",', 'a token for somebody else gets in'],
  ])('sabotage: with %s turned to %s that is seen', async (good, bad, fault) => {
    vault.spoil('host/vault-auth.sh', good, bad);
    try {
      vault.must('vault-auth.sh', input());
      expect(await faults()).toContain(fault);
    } finally {
      vault.spoil('host/vault-auth.sh', bad, good);
    }
  });
});
