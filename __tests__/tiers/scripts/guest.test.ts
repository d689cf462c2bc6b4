import { execFileSync } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { Sandbox } from '../../support/sandbox';

let sandbox: Sandbox;
beforeEach(() => {
  sandbox = new Sandbox();
});
afterEach(() => sandbox.remove());

describe('names.sh', () => {
  it('keeps what is not ours, replaces its block and leaves an equal file alone', () => {
    const file = sandbox.write('hosts', '127.0.0.1 localhost\n');
    const names = (address: string) =>
      sandbox.script('guest/names.sh', { hosts: [{ address, names: ['a', 'a.test'] }] }, { HOSTS_FILE: file }).code;
    names('10.0.0.1');
    names('10.0.0.2');
    expect(readFileSync(file, 'utf8')).toBe('127.0.0.1 localhost\n# flotilla begin\n10.0.0.2 a a.test\n# flotilla end\n');
    const before = sandbox.picture();
    names('10.0.0.2');
    expect(sandbox.picture()).toBe(before);
  });

  it('brings the copies of pods on the network of the host up to date in place, and those alone', () => {
    const head = '# Kubernetes-managed hosts file (host network).\n';
    const file = sandbox.write('hosts', '127.0.0.1 localhost\n');
    const ofHost = sandbox.write('pods/a/etc-hosts', `${head}127.0.0.1 localhost\n10.0.0.1 gone\n`);
    const ofPod = sandbox.write('pods/b/etc-hosts', '# Kubernetes-managed hosts file.\n10.1.0.5 pod\n');
    const inode = statSync(ofHost).ino;
    const hosts = [{ address: '10.0.0.2', names: ['a'] }];
    const run = () => sandbox.script('guest/names.sh', { hosts }, { HOSTS_FILE: file, PODS_FOLDER: join(sandbox.root, 'pods') }).code;
    expect(run()).toBe(0);
    expect(readFileSync(ofHost, 'utf8')).toBe(head + readFileSync(file, 'utf8'));
    expect(statSync(ofHost).ino).toBe(inode);
    expect(readFileSync(ofPod, 'utf8')).toContain('10.1.0.5 pod');
    const before = sandbox.picture();
    expect(run()).toBe(0);
    expect(sandbox.picture()).toBe(before);
  });
});

describe('a guest script on its way', () => {
  it('arrives with its input and its secret, which stand neither on a command line nor in the environment of ssh', () => {
    sandbox.write('.flotilla/lab@nspawn/nodes/n.json', { address: '10.0.0.9' });
    sandbox.stub('ssh', 'env >env.seen; cat >stdin.seen');
    const { code } = sandbox.lines(
      ['lib/input.sh', 'lib/deployment.sh', 'lib/ssh.sh', 'lib/guest.sh'],
      `printf 'top secret' | run_guest '${sandbox.deployment}' n guest/join.sh '{"a":\n1}'`,
    );
    expect(code).toBe(0);
    const [script, input, secret] = readFileSync(join(sandbox.root, 'stdin.seen'), 'latin1').split('\n');
    expect([script, input, Buffer.from(secret!, 'base64').toString()]).toEqual(['guest/join.sh n', '{"a":1}', 'top secret']);
    expect(sandbox.calls().join('\n') + readFileSync(join(sandbox.root, 'env.seen'), 'utf8')).not.toMatch(/top secret|dG9wIHNlY3JldA/);
  });
});

describe('the check of a request for a serving certificate', () => {
  const request = (subject: string, names: string) => {
    const key = join(sandbox.root, 'key');
    execFileSync('openssl', ['genpkey', '-algorithm', 'ed25519', '-out', key], { stdio: 'ignore' });
    const words = ['req', '-new', '-key', key, '-subj', subject, ...(names === '' ? [] : ['-addext', `subjectAltName=${names}`])];
    return execFileSync('openssl', words, { stdio: ['ignore', 'pipe', 'ignore'] }).toString('base64');
  };
  const fits = (subject: string, names: string) =>
    sandbox.lines(['guest/approve-serving.sh'], `fits '${request(subject, names)}' node-1 10.0.0.9 && echo yes || echo no`).stdout;
  const right = '/O=system:nodes/CN=system:node:node-1';

  it.each([
    ['its own name and address', right, 'DNS:node-1,IP:10.0.0.9', 'yes\n'],
    ['its address alone', right, 'IP:10.0.0.9', 'yes\n'],
    ['one name too many', right, 'DNS:node-1,DNS:api.hub.test', 'no\n'],
    ['the address of another', right, 'DNS:node-1,IP:10.0.0.99', 'no\n'],
    ['no name at all', right, '', 'no\n'],
    ['the name of another node', '/O=system:nodes/CN=system:node:node-2', 'DNS:node-1', 'no\n'],
    ['more than the group of nodes', '/O=system:masters/CN=system:node:node-1', 'DNS:node-1', 'no\n'],
  ])('%s', (_what, subject, names, verdict) => expect(fits(subject, names)).toBe(verdict));
});

describe('init.sh', () => {
  const state = (paths: string) =>
    sandbox.lines(
      [],
      `mkdir -p root; for p in ${paths}; do mkdir -p "root/$p"; done
       . <(sed -n '/^state()/,/^}/p' '${join(__dirname, '../../../scripts/guest/init.sh')}' | sed 's|/var/lib|root/var/lib|g; s|/etc/|root/etc/|g')
       init_mark=root/etc/kubernetes/flotilla/initialised join_mark=root/etc/kubernetes/flotilla/joined; state`,
    ).stdout;

  it.each([
    ['', 'none\n'],
    ['etc/kubernetes/pki', 'half\n'],
    ['etc/kubernetes/pki var/lib/etcd/member', 'data\n'],
    ['etc/kubernetes/flotilla/initialised var/lib/etcd/member', 'done\n'],
    ['etc/kubernetes/flotilla/joined var/lib/etcd/member', 'done\n'],
  ])('with "%s" there the state is %s', (paths, expected) => expect(state(paths)).toBe(expected));

  it('resets only where etcd wrote nothing', () => {
    const text = readFileSync(join(__dirname, '../../../scripts/guest/init.sh'), 'utf8');
    expect(text.match(/reset_node/g)).toHaveLength(1);
    expect(text).toMatch(/half\)\n\s+reset_node/);
  });
});
