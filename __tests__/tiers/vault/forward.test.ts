import { spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describeWithVault, freePort, VaultServer } from '../../support/vault-server';

describeWithVault('a forwarded port of the pod', 'that scripts reach a sealed Vault in a cluster, and leave no open port behind', () => {
  let vault: VaultServer;
  beforeEach(async () => {
    vault = new VaultServer();
    await vault.start();
  });
  afterEach(() => vault.dispose());

  /** A kubectl that says at its first call what the real one says of a pod that has not started, and then forwards. */
  function kubectl(port: string): void {
    const text = [
      '#!/usr/bin/env bash',
      `echo "$$ $*" >>'${vault.root}/calls'`,
      `if [[ "$(wc -l <'${vault.root}/calls')" -eq 1 ]]; then`,
      '  echo "error: unable to forward port because pod is not running. Current status=Pending" >&2',
      '  exit 1',
      'fi',
      `echo 'Forwarding from 127.0.0.1:${port} -> 8200'`,
      'exec sleep 600',
    ];
    writeFileSync(join(vault.root, 'kubectl'), text.join('\n'));
    chmodSync(join(vault.root, 'kubectl'), 0o755);
    mkdirSync(join(vault.deployment, 'kubeconfig'));
    writeFileSync(join(vault.deployment, 'kubeconfig/hub'), '');
    writeFileSync(join(vault.deployment, 'sources.json'), JSON.stringify({ bin: vault.root }));
  }
  const calls = (): string[] =>
    existsSync(join(vault.root, 'calls')) ? readFileSync(join(vault.root, 'calls'), 'utf8').trimEnd().split('\n') : [];

  async function allEnded(): Promise<boolean> {
    for (let tries = 0; tries < 100; tries++) {
      if (calls().every((line) => !existsSync(`/proc/${line.split(' ')[0]}`))) return true;
      await new Promise((done) => setTimeout(done, 100));
    }
    return false;
  }

  test('waits for the pod, and closes with the script', async () => {
    kubectl(new URL(vault.address).port);
    vault.must('vault-init.sh', { address: undefined });
    vault.must('vault-unseal.sh', { address: undefined, namespace: 'safe', pod: 'vault-2' });
    expect(await vault.status()).toMatchObject({ sealed: false });
    const config = join(vault.deployment, 'kubeconfig/hub');
    const words = (namespace: string, pod: string): string =>
      `--kubeconfig ${config} --namespace ${namespace} port-forward pod/${pod} :8200 --address 127.0.0.1`;
    expect(calls().map((line) => line.slice(line.indexOf(' ') + 1))).toEqual([
      words('vault', 'vault-0'),
      words('vault', 'vault-0'),
      words('safe', 'vault-2'),
    ]);
    expect(await allEnded()).toBe(true);
  });

  test('closes when the script is killed', async () => {
    kubectl(String(await freePort()));
    const { words, environment } = vault.call('vault-unseal.sh', { address: undefined });
    const child = spawn('bash', words, { cwd: vault.root, stdio: 'ignore', env: environment });
    while (calls().length < 2) await new Promise((done) => setTimeout(done, 50));
    child.kill('SIGKILL');
    expect(await allEnded()).toBe(true);
  });

  test('says what kubectl says when the pod does not come', () => {
    kubectl('1');
    vault.spoil('lib/vault.sh', 'deadline=$((SECONDS + ${6:-120}))', 'deadline=0');
    expect(vault.run('vault-unseal.sh', { address: undefined })).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/Current status=Pending/),
    });
  });
});
