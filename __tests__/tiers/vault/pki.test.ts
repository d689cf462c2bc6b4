import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describeWithVault, type VaultServer, vaultForEach } from '../../support/vault-server';
import { stepInput } from '../../support/vault-steps';

const openssl = (...words: string[]): string => execFileSync('openssl', words, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
const hostname = 'web.flotilla.internal';

/** A request as cert-manager makes it: a key of its own, names, no common name. */
function certificateRequest(folder: string, names: string, key: readonly string[] = ['ec', '-pkeyopt', 'ec_paramgen_curve:P-256']): string {
  const out = join(folder, 'request.pem');
  openssl(
    'req',
    '-new',
    '-newkey',
    ...key,
    '-nodes',
    '-keyout',
    join(folder, 'key.pem'),
    '-subj',
    '/',
    '-addext',
    `subjectAltName=${names}`,
    '-out',
    out,
  );
  return readFileSync(out, 'utf8');
}

const certificates = (text: string): string[] => text.match(/-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g) ?? [];

/** What is wrong with the authority that the scripts made, seen from outside. */
async function faults(vault: VaultServer, token: string): Promise<string[]> {
  const found: string[] = [];
  const folder = mkdtempSync(join(vault.root, 'certificates-'));
  const file = (name: string, text: string): string => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };
  const sign = (names: string, more: object = {}): ReturnType<VaultServer['ask']> =>
    vault.ask(token, 'POST', 'pki_int/sign/k8s-certs', { csr: certificateRequest(folder, names), ...more });

  const [intermediate, root, ...rest] = certificates(readFileSync(join(vault.deployment, 'pki/hub-chain.pem'), 'utf8'));
  if (intermediate === undefined || root === undefined || rest.length > 0) return ['the chain is not an intermediate and a root'];
  const anchors = file('root.pem', root);
  const verify = (...words: string[]): boolean =>
    spawnSync('openssl', ['verify', '-x509_strict', '-CAfile', anchors, ...words]).status === 0;
  if (!verify(anchors)) found.push('the root does not vouch for itself');
  if (!verify(file('intermediate.pem', intermediate))) found.push('the root does not vouch for the intermediate');

  const { status, data } = await sign(`DNS:${hostname}`, { ttl: '9000h' });
  if (status !== 200) return [...found, `no certificate for a service: ${JSON.stringify(data)}`];
  const leaf = file('leaf.pem', data.data.certificate);
  if (!verify('-untrusted', join(folder, 'intermediate.pem'), '-purpose', 'sslserver', '-verify_hostname', hostname, leaf))
    found.push('the chain does not vouch for a certificate');
  if (spawnSync('openssl', ['x509', '-in', leaf, '-checkend', String(720 * 3600 + 60), '-noout']).status === 0)
    found.push('a certificate lives for more than 30 days');
  if (certificates(data.data.ca_chain.join('\n')).length !== 2) found.push('a certificate comes without the whole chain');
  for (const foreign of ['DNS:example.com', 'DNS:flotilla.internal.example.com', `DNS:${hostname},IP:10.0.0.1`])
    if ((await sign(foreign)).status !== 400) found.push(`signs for ${foreign}`);
  for (const ours of ['DNS:flotilla.internal', 'DNS:*.flotilla.internal', 'DNS:a.b.svc.cluster.local'])
    if ((await sign(ours)).status !== 200) found.push(`does not sign for ${ours}`);
  const rsa = await vault.ask(token, 'POST', 'pki_int/sign/k8s-certs', {
    csr: certificateRequest(folder, `DNS:${hostname}`, ['rsa:2048']),
  });
  if (rsa.status !== 200) found.push('does not sign for an RSA key');
  // The intermediate may sign services and no further authority.
  if (!/pathlen:0/.test(openssl('x509', '-in', join(folder, 'intermediate.pem'), '-noout', '-ext', 'basicConstraints')))
    found.push('the intermediate may make authorities');
  rmSync(folder, { recursive: true });
  return found;
}

describeWithVault("the fleet's authority", 'that services get certificates which the root vouches for, and nobody else does', () => {
  let vault: VaultServer;
  let root: string;
  vaultForEach(
    (...opened) => {
      [vault, root] = opened;
    },
    { open: true },
  );

  test('signs for the domains that it was given; a second run changes nothing', async () => {
    const input = stepInput('pki');
    vault.must('vault-pki.sh', input);
    expect(await faults(vault, root)).toEqual([]);
    const chain = join(vault.deployment, 'pki/hub-chain.pem');
    const picture = async (): Promise<object[]> => [
      { changed: statSync(chain).mtimeMs },
      ...(await Promise.all(
        ['pki', 'pki_int'].map(async (mount) => (await vault.ask(root, 'GET', `${mount}/issuers?list=true`)).data.data),
      )),
    ];
    const before = await picture();
    expect(vault.must('vault-pki.sh', input)).toBe('');
    expect(await picture()).toEqual(before);
    // The role becomes what INPUT says.
    vault.must('vault-pki.sh', { ...input, allowedDomains: ['example.com'] });
    expect(await faults(vault, root)).toEqual([expect.stringMatching(/^no certificate for a service: .*not allowed by this role/)]);
  });

  test('goes on where a run was killed: with a key that has no certificate, with authorities that have no name', async () => {
    const input = stepInput('pki');
    await vault.ask(root, 'POST', 'sys/mounts/pki_int', { type: 'pki' });
    await vault.ask(root, 'POST', 'pki_int/intermediate/generate/internal', { common_name: 'left behind' });
    vault.must('vault-pki.sh', input);
    for (const mount of ['pki', 'pki_int']) {
      const { data } = await vault.ask(root, 'GET', `${mount}/issuers?list=true`);
      for (const id of data.data.keys) await vault.ask(root, 'POST', `${mount}/issuer/${id}`, { issuer_name: '' });
    }
    vault.must('vault-pki.sh', input);
    expect(await faults(vault, root)).toEqual([]);
    expect((await vault.ask(root, 'GET', 'pki/issuers?list=true')).data.data.keys).toHaveLength(1);
    expect((await vault.ask(root, 'GET', 'pki_int/issuers?list=true')).data.data.keys).toHaveLength(2);
  });

  test('refuses a mount that is something else', async () => {
    await vault.ask(root, 'POST', 'sys/mounts/pki', { type: 'kv' });
    expect(vault.run('vault-pki.sh', stepInput('pki'))).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/has a "kv" at pki, not a "pki"/),
    });
  });

  test.each([
    ['allow_subdomains: true', 'allow_any_name: true, enforce_hostnames: false', 'signs for DNS:example.com'],
    ['allow_ip_sans: false', 'allow_ip_sans: true', `signs for DNS:${hostname},IP:10.0.0.1`],
    ['key_type: "any"', 'key_type: "rsa"', expect.stringMatching(/no certificate for a service/)],
    ['max_path_length: 0', 'max_path_length: 3', 'the intermediate may make authorities'],
    ['max_ttl: $most', 'max_ttl: "9000h"', 'a certificate lives for more than 30 days'],
    ['[.data.certificate, .data.issuing_ca]', '[.data.certificate]', 'the chain is not an intermediate and a root'],
  ])('sabotage: with %s turned to %s that is seen', async (good, bad, fault) => {
    vault.spoil('host/vault-pki.sh', good, bad);
    vault.must('vault-pki.sh', stepInput('pki'));
    expect(await faults(vault, root)).toContainEqual(fault);
  });
});
