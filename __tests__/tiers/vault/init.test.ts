import { spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describeWithVault, type VaultServer, vaultForEach } from '../../support/vault-server';

const secretsOf = (vault: VaultServer): string => join(vault.deployment, 'secrets/vault');
const kept = (vault: VaultServer): string => join(secretsOf(vault), 'hub.json');

describeWithVault('init and unseal', 'that the keys of a Vault are kept, whatever is killed, and open it again', () => {
  let vault: VaultServer;
  vaultForEach(
    (fresh) => {
      vault = fresh;
    },
    { open: false },
  );

  test('keeps five keys of which three open it, for nobody else to read; a second run changes nothing', async () => {
    vault.must('vault-init.sh');
    expect(vault.keys()).toMatchObject({ threshold: 3, keys: Array(5).fill(expect.stringMatching(/^[\w+/=]{40,}$/)) });
    expect(statSync(kept(vault)).mode & 0o777).toBe(0o600);
    expect(statSync(secretsOf(vault)).mode & 0o077).toBe(0);
    expect(await vault.status()).toMatchObject({ initialized: true, sealed: true, n: 5, t: 3 });
    const before = statSync(kept(vault)).mtimeMs;
    expect(vault.must('vault-init.sh')).toBe('');
    expect(statSync(kept(vault)).mtimeMs).toBe(before);
    expect(readdirSync(secretsOf(vault)).sort()).toEqual(['.hub.lock', 'hub.json']);
  });

  test('opens it, after a power cut too, and counts no key that somebody gave half-way', async () => {
    expect(vault.must('vault-unseal.sh')).toMatch(/start over/);
    vault.must('vault-init.sh');
    vault.must('vault-unseal.sh');
    expect(await vault.status()).toMatchObject({ sealed: false });
    expect(vault.must('vault-unseal.sh')).toBe('');
    await vault.kill();
    await vault.start();
    expect(await vault.status()).toMatchObject({ sealed: true });
    await vault.ask('', 'PUT', 'sys/unseal', { key: Buffer.alloc(33, 7).toString('base64') });
    vault.must('vault-unseal.sh');
    expect((await vault.ask(vault.keys().rootToken, 'GET', 'sys/mounts')).status).toBe(200);
  });

  test('says what is wrong with keys of another Vault, with none, and with one that nobody knows the keys of', async () => {
    vault.must('vault-init.sh');
    const mine = vault.keys();
    const stranger = (byte: number): string => Buffer.alloc(33, byte).toString('base64');
    for (const keys of [[1, 2, 3].map(stranger), Array(3).fill(mine.keys[0])]) {
      writeFileSync(kept(vault), JSON.stringify({ ...mine, keys }));
      expect(vault.run('vault-unseal.sh')).toMatchObject({ code: 1, stderr: expect.stringMatching(/do not open its Vault/) });
    }
    rmSync(kept(vault));
    expect(vault.run('vault-unseal.sh')).toMatchObject({ code: 1, stderr: expect.stringMatching(/there are no keys for it/) });
    expect(vault.run('vault-init.sh')).toMatchObject({ code: 1, stderr: expect.stringMatching(/somebody else initialised it/) });
    expect(vault.run('vault-pki.sh', { name: 'x', role: 'y', allowedDomains: [] })).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/is sealed/),
    });
  });

  test('initialises one that lost its data anew, and puts the keys of the old one aside', async () => {
    vault.must('vault-init.sh');
    const old = readFileSync(kept(vault), 'utf8');
    await vault.empty();
    vault.must('vault-init.sh');
    vault.must('vault-unseal.sh');
    const aside = readdirSync(secretsOf(vault)).find((name) => name.startsWith('hub.until-'));
    expect(readFileSync(join(secretsOf(vault), aside!), 'utf8')).toBe(old);
  });
});

describeWithVault('a run that is killed while Vault makes its keys', 'that a kill between init and keeping the keys loses nothing', () => {
  let vault: VaultServer;
  vaultForEach(
    (fresh) => {
      vault = fresh;
    },
    { open: false },
  );

  /** Kills the script and its whole process group when Vault has answered and nothing is kept yet. */
  async function killAfterAnswer(): Promise<void> {
    const bin = join(vault.root, 'bin');
    mkdirSync(bin);
    // Holds the answer back, as a host that is busy does.
    const held = `#!/usr/bin/env bash\nanswer="$(/usr/bin/env -i PATH="\${PATH#*:}" HOME="$HOME" curl "$@"; echo .)"\nif [[ "$*" == *sys/init* ]]; then touch '${vault.root}/answered'; sleep 2; fi\nprintf '%s' "\${answer%.}"\n`;
    writeFileSync(join(bin, 'curl'), held);
    chmodSync(join(bin, 'curl'), 0o755);
    const { words, environment } = vault.call('vault-init.sh');
    const child = spawn('bash', words, {
      detached: true,
      cwd: vault.root,
      stdio: 'ignore',
      env: { ...environment, PATH: `${bin}:${environment.PATH}` },
    });
    const ended = new Promise((done) => child.once('exit', done));
    while (!existsSync(join(vault.root, 'answered'))) await new Promise((done) => setTimeout(done, 20));
    expect(existsSync(kept(vault))).toBe(false);
    process.kill(-child.pid!, 'SIGKILL');
    await ended;
  }

  test('the keeping goes on without it, and the next run waits for that', async () => {
    await killAfterAnswer();
    expect(await vault.status()).toMatchObject({ initialized: true });
    vault.must('vault-init.sh');
    vault.must('vault-unseal.sh');
    expect(await vault.status()).toMatchObject({ sealed: false });
    expect(readdirSync(secretsOf(vault)).sort()).toEqual(['.hub.lock', 'hub.json']);
  });

  test('sabotage: without a process group of its own the keys are lost, and the next run says so and what to do', async () => {
    vault.spoil('host/vault-init.sh', '  set -m\n', '');
    await killAfterAnswer();
    expect(vault.run('vault-init.sh')).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/cut off before it had the keys[\s\S]*delete pvc\/data-vault-0 pod\/vault-0[\s\S]*rm '/),
    });
    await vault.empty();
    rmSync(join(secretsOf(vault), '.hub.begun'));
    vault.must('vault-init.sh');
    vault.must('vault-unseal.sh');
  });
});

describeWithVault('an external command for the keys', 'that keys can be kept outside of the host', () => {
  let vault: VaultServer;
  vaultForEach(
    (fresh) => {
      vault = fresh;
    },
    { open: false },
  );

  /** A keeper that knows one deployment; it refuses the verb that the file `broken` names. */
  function keeper(): { unsealCommand: string[] } {
    const text = [
      '#!/usr/bin/env bash',
      'set -eu',
      '[[ ! -e broken || "$(cat broken)" != "$2" ]]',
      '[[ "$1 $3" == "--safe trio@test/hub" ]]',
      'if [[ "$2" == save ]]; then cat >safe; elif [[ -e safe ]]; then cat safe; fi',
    ];
    writeFileSync(join(vault.root, 'keeper'), text.join('\n'));
    chmodSync(join(vault.root, 'keeper'), 0o755);
    return { unsealCommand: ['./keeper', '--safe'] };
  }
  const breakIt = (verb: string): void => writeFileSync(join(vault.root, 'broken'), verb);

  test('gets them by standard input, and nothing is on this disk', async () => {
    const command = keeper();
    vault.must('vault-init.sh', command);
    expect(readdirSync(secretsOf(vault))).toEqual(['.hub.lock']);
    vault.must('vault-unseal.sh', command);
    vault.must('vault-init.sh', command);
    expect(JSON.parse(readFileSync(join(vault.root, 'safe'), 'utf8'))).toMatchObject({ cluster: 'hub', threshold: 3 });
    expect(await vault.status()).toMatchObject({ sealed: false });
  });

  test('that does not answer stops everything: it may have the keys', async () => {
    const command = keeper();
    breakIt('load');
    expect(vault.run('vault-init.sh', command)).toMatchObject({ code: 1, stderr: expect.stringMatching(/unsealCommand failed to load/) });
    expect(await vault.status()).toMatchObject({ initialized: false });
  });

  test('that does not take them costs no keys: they lie here until it does', () => {
    const command = keeper();
    breakIt('save');
    expect(vault.run('vault-init.sh', command)).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/they lie in .*hub.unsaved.json for now/),
    });
    rmSync(join(vault.root, 'broken'));
    vault.must('vault-init.sh', command);
    expect(readdirSync(secretsOf(vault))).toEqual(['.hub.lock']);
    vault.must('vault-unseal.sh', command);
  });
});
