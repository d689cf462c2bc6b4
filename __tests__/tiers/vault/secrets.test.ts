import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { watch } from '../../support/vault-secret-watch';
import { describeWithVault, VaultServer } from '../../support/vault-server';
import { stepInput } from '../../support/vault-steps';

const random = ['grafana-admin', 'velero'];

describeWithVault(
  'the root token, unseal keys and values',
  'that no secret is in a command line, an environment, a log or an output',
  () => {
    let vault: VaultServer;
    beforeEach(async () => {
      vault = new VaultServer();
      await vault.start();
    });
    afterEach(() => vault.dispose());

    /** Everything from init to values, watched; where a secret was seen. */
    function leaks(): readonly string[] {
      const watched = watch(vault);
      const said = [
        ['vault-init.sh', {}],
        ['vault-unseal.sh', {}],
        ['vault-pki.sh', stepInput('pki')],
        ['vault-policies.sh', stepInput('policies')],
        ['vault-push.sh', { values: { hub: random } }],
      ].map(([script, input]) => vault.must(script as string, input as object, watched.environment));
      const { keys, rootToken } = vault.keys();
      const values = random.map((name) => [name, readFileSync(join(vault.deployment, 'secrets/random', name), 'utf8')]);
      const secrets = { 'root token': rootToken, ...Object.fromEntries([...keys.map((key, index) => [`key ${index}`, key]), ...values]) };
      for (const part of ['/host/vault-init.sh', '/host/vault-push.sh', 'INPUT=', '/v1/sys/unseal', '/v1/kv/data/hub/velero'])
        expect({ part, seen: watched.seen().includes(part) }).toEqual({ part, seen: true });
      return watched.leaks(secrets, said.join(''));
    }

    test('are nowhere but in the deployment’s secrets', () => expect(leaks()).toEqual([]));

    test('sabotage: as an argument, in the environment, in a log or an output they are seen', () => {
      vault.spoil(
        'host/vault-pki.sh',
        '  ensure_mount "$rootMount"',
        `  curl --header "X-Vault-Token: $vault_token" "$vault_address/v1/sys/mounts" >/dev/null 2>&1\n  ensure_mount "$rootMount"`,
      );
      vault.spoil('host/vault-unseal.sh', '  # Keys that', '  export keys\n  # Keys that');
      vault.spoil(
        'host/vault-push.sh',
        '  while IFS=',
        '  cat "$deployment/secrets/random/grafana-admin" >&2\n  cp "$deployment/secrets/random/velero" "$deployment/push.log"\n  while IFS=',
      );
      expect(leaks()).toEqual(
        expect.arrayContaining([
          'root token in a process',
          'key 0 in a process',
          'grafana-admin in what was said',
          'velero in /.flotilla/trio@test/push.log',
        ]),
      );
    });
  },
);
