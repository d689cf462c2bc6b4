import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describeWithVault, type VaultServer, vaultForEach } from '../../support/vault-server';
import { stepInput } from '../../support/vault-steps';

const clusters = ['hub', 'app1'];

/** Who may do what, by cluster and role: [cluster, role, method, path, allowed]. All that is not said to be allowed must be denied. */
const table: [cluster: string, role: string, method: string, path: string, allowed: boolean][] = [
  ['app1', 'external-secrets', 'GET', 'kv/data/app1/velero', true],
  ['app1', 'external-secrets', 'GET', 'kv/metadata/app1/velero', true],
  ['app1', 'external-secrets', 'POST', 'kv/data/app1/velero', false],
  ['app1', 'external-secrets', 'DELETE', 'kv/data/app1/velero', false],
  ['app1', 'external-secrets', 'GET', 'kv/data/hub/grafana-admin', false],
  ['app1', 'external-secrets', 'GET', 'kv/metadata?list=true', false],
  ['app1', 'external-secrets', 'POST', 'pki_int/sign/k8s-certs', false],
  ['app1', 'external-secrets', 'GET', 'sys/mounts', false],
  ['hub', 'external-secrets', 'GET', 'kv/data/hub/grafana-admin', true],
  ['hub', 'external-secrets', 'GET', 'kv/data/app1/velero', false],
  ['hub', 'cert-manager', 'POST', 'pki_int/sign/k8s-certs', true],
  ['hub', 'cert-manager', 'POST', 'pki_int/issue/k8s-certs', false],
  ['hub', 'cert-manager', 'POST', 'pki_int/roles/k8s-certs', false],
  ['hub', 'cert-manager', 'POST', 'pki_int/sign-verbatim', false],
  ['hub', 'cert-manager', 'POST', 'pki/root/sign-intermediate', false],
  ['hub', 'cert-manager', 'GET', 'kv/data/hub/grafana-admin', false],
];

const policiesOf = (cluster: string, role: string): string[] =>
  stepInput('auth', cluster).roles.find(({ name }: { name: string }) => name === role).policies;

async function faults(vault: VaultServer, root: string): Promise<string[]> {
  const found: string[] = [];
  for (const [cluster, role, method, path, allowed] of table) {
    const token = await vault.tokenWith(root, ...policiesOf(cluster, role));
    // 400: allowed, and Vault looked at what is missing in the request.
    const { status } = await vault.ask(token, method, path, method === 'POST' ? {} : undefined);
    if (allowed !== [200, 204, 400].includes(status))
      found.push(`${role} of ${cluster}: ${method} ${path} is ${allowed ? 'denied' : 'allowed'}`);
  }
  return found;
}

describeWithVault('policies and values', 'that each role may do what it must and no more', () => {
  let vault: VaultServer;
  let root: string;
  vaultForEach(
    (...opened) => {
      [vault, root] = opened;
    },
    { open: true },
  );
  beforeEach(() => {
    vault.must('vault-pki.sh', stepInput('pki'));
    vault.must('vault-push.sh', { values: { hub: ['grafana-admin'], app1: ['velero'] } });
  });
  const lay = (change: (policies: Record<string, Record<string, string[]>>) => void = () => {}): void => {
    for (const cluster of clusters) {
      const input = stepInput('policies', cluster);
      change(input.policies);
      vault.must('vault-policies.sh', input);
    }
  };

  test('each role may do what it must, and nothing else', async () => {
    lay();
    expect(await faults(vault, root)).toEqual([]);
    for (const cluster of clusters) expect(vault.must('vault-policies.sh', stepInput('policies', cluster))).toBe('');
    expect(await faults(vault, root)).toEqual([]);
  });

  test('sabotage: a policy that is wider is seen', async () => {
    lay((policies) => {
      for (const name of Object.keys(policies).filter((one) => one.startsWith('external-secrets'))) policies[name]!['kv/data/*'] = ['read'];
      if (policies['cert-manager']) policies['cert-manager']['pki_int/*'] = ['create', 'update'];
    });
    expect(await faults(vault, root)).toEqual(
      expect.arrayContaining([
        'external-secrets of app1: GET kv/data/hub/grafana-admin is allowed',
        'cert-manager of hub: POST pki_int/issue/k8s-certs is allowed',
        'cert-manager of hub: POST pki_int/roles/k8s-certs is allowed',
      ]),
    );
    // And made right again.
    lay();
    expect(await faults(vault, root)).toEqual([]);
  });

  test('values are those of the deployment; an equal one makes no version, a new one does', async () => {
    const file = (name: string): string => join(vault.deployment, 'secrets/random', name);
    const value = readFileSync(file('grafana-admin'), 'utf8');
    expect(value).toMatch(/^[A-Za-z0-9]{32}$/);
    expect(statSync(file('grafana-admin')).mode & 0o777).toBe(0o600);
    const read = async (): Promise<unknown> => (await vault.ask(root, 'GET', 'kv/data/hub/grafana-admin')).data.data;
    expect(await read()).toMatchObject({ data: { value }, metadata: { version: 1 } });
    vault.must('vault-push.sh', { values: { hub: ['grafana-admin'] } });
    expect(await read()).toMatchObject({ metadata: { version: 1 } });
    mkdirSync(join(vault.deployment, 'secrets/random'), { recursive: true });
    writeFileSync(file('grafana-admin'), 'with "quotes" and \\ and ü');
    vault.must('vault-push.sh', { values: { hub: ['grafana-admin'] } });
    expect(await read()).toMatchObject({ data: { value: 'with "quotes" and \\ and ü' }, metadata: { version: 2 } });
  });
});
