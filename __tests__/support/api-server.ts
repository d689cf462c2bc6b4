import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { artifacts } from '../../artifacts/artifacts';
import { artifactFolder } from '../../artifacts/engine';
import { artifactKeys } from '../../artifacts/keys';
import { defaultCacheDir } from '../../artifacts/prepare';
import { freePort, repository } from './vault-server';

/** Where `npm start` put Kubernetes and etcd, `null` when it never did. */
export function kubernetesPrograms(): { kubernetes: string; etcd: string } | null {
  try {
    const keys = artifactKeys(repository, artifacts);
    const [kubernetes, etcd] = ['kubernetes', 'etcd'].map((id) => artifactFolder(defaultCacheDir(), id, keys.get(id)!));
    return existsSync(kubernetes!) && existsSync(etcd!) ? { kubernetes: kubernetes!, etcd: etcd! } : null;
  } catch {
    return null;
  }
}

/** A real API server with its etcd and the controller that makes tokens, as plain processes: no nodes, no machines. */
export class ApiServer {
  public address = '';
  public readonly kubeconfig: string;
  private readonly processes: ChildProcess[] = [];
  private readonly programs = kubernetesPrograms()!;

  constructor(private readonly folder: string) {
    mkdirSync(folder, { recursive: true });
    this.kubeconfig = join(folder, 'kubeconfig');
  }

  public async start(): Promise<void> {
    const [client, peer, port] = [await freePort(), await freePort(), await freePort()];
    this.address = `https://127.0.0.1:${port}`;
    this.makeCertificates();
    this.writeKubeconfig();
    const etcd = `http://127.0.0.1:${client}`;
    const urls = ['--listen-client-urls', etcd, '--advertise-client-urls', etcd, '--listen-peer-urls', `http://127.0.0.1:${peer}`];
    this.run(this.programs.etcd, 'etcd', ['--data-dir', this.file('etcd'), '--unsafe-no-fsync', ...urls]);
    this.run(this.programs.kubernetes, 'kube-apiserver', [
      `--etcd-servers=${etcd}`,
      `--secure-port=${port}`,
      '--bind-address=127.0.0.1',
      '--endpoint-reconciler-type=none',
      `--tls-cert-file=${this.file('server.pem')}`,
      `--tls-private-key-file=${this.file('server.key')}`,
      `--client-ca-file=${this.file('ca.pem')}`,
      `--service-account-key-file=${this.file('accounts.key')}`,
      `--service-account-signing-key-file=${this.file('accounts.key')}`,
      '--service-account-issuer=https://kubernetes.default.svc.cluster.local',
      '--service-cluster-ip-range=10.96.0.0/16',
      '--authorization-mode=RBAC',
      '--allow-privileged',
    ]);
    // The role is made by a hook some time after it answers.
    await this.until(() => this.kubectl('get', 'clusterrole', 'system:auth-delegator'));
    this.run(this.programs.kubernetes, 'kube-controller-manager', [
      `--kubeconfig=${this.kubeconfig}`,
      '--controllers=serviceaccount-token-controller',
      `--service-account-private-key-file=${this.file('accounts.key')}`,
      `--root-ca-file=${this.file('ca.pem')}`,
      '--leader-elect=false',
      '--secure-port=0',
    ]);
  }

  public kubectl(...words: string[]): string {
    const program = join(this.programs.kubernetes, 'kubectl');
    return execFileSync(program, ['--kubeconfig', this.kubeconfig, ...words], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  }

  /** A service account and its namespace, which may be there. */
  public account(namespace: string, name: string): void {
    for (const words of [
      ['create', 'namespace', namespace],
      ['--namespace', namespace, 'create', 'serviceaccount', name],
    ])
      try {
        this.kubectl(...words);
      } catch (error) {
        if (!String(error).includes('AlreadyExists')) throw error;
      }
  }

  /** A token as the kubelet or an operator asks for it. */
  public token(namespace: string, name: string, audience?: string): string {
    return this.kubectl('--namespace', namespace, 'create', 'token', name, ...(audience ? ['--audience', audience] : [])).trim();
  }

  public async stop(): Promise<void> {
    for (const child of this.processes.reverse()) {
      if (child.exitCode !== null || child.signalCode !== null) continue;
      const ended = new Promise((done) => child.once('exit', done));
      child.kill('SIGKILL');
      await ended;
    }
  }

  private readonly file = (name: string): string => join(this.folder, name);

  private run(folder: string, program: string, words: readonly string[]): void {
    const shell = ['-c', 'log="$1"; shift; exec "$@" >"$log" 2>&1', 'sh', this.file(`${program}.log`), join(folder, program), ...words];
    this.processes.push(spawn('sh', shell, { cwd: this.folder, env: { PATH: process.env.PATH }, stdio: 'ignore' }));
  }

  private async until(works: () => unknown): Promise<void> {
    const deadline = Date.now() + 180_000;
    for (;;) {
      try {
        works();
        return;
      } catch (error) {
        if (Date.now() > deadline) throw new Error(`${error}\n${readFileSync(this.file('kube-apiserver.log'), 'utf8').slice(-3000)}`);
        await new Promise((done) => setTimeout(done, 500));
      }
    }
  }

  private makeCertificates(): void {
    const openssl = (...words: string[]): void => void execFileSync('openssl', words, { cwd: this.folder, stdio: 'ignore' });
    const key = ['-newkey', 'rsa:2048', '-nodes', '-days', '2'];
    openssl('req', '-x509', ...key, '-subj', '/CN=kubernetes', '-keyout', 'ca.key', '-out', 'ca.pem');
    const signed = (name: string, subject: string, ...more: string[]): void =>
      openssl(
        'req',
        '-x509',
        '-CA',
        'ca.pem',
        '-CAkey',
        'ca.key',
        ...key,
        '-subj',
        subject,
        '-keyout',
        `${name}.key`,
        '-out',
        `${name}.pem`,
        ...more,
      );
    signed('server', '/CN=kube-apiserver', '-addext', 'subjectAltName=IP:127.0.0.1', '-addext', 'basicConstraints=critical,CA:false');
    signed(
      'admin',
      '/O=system:masters/CN=admin',
      '-addext',
      'extendedKeyUsage=clientAuth',
      '-addext',
      'basicConstraints=critical,CA:false',
    );
    openssl('genrsa', '-out', 'accounts.key', '2048');
  }

  private writeKubeconfig(): void {
    const data = (name: string): string => readFileSync(this.file(name)).toString('base64');
    const config = {
      apiVersion: 'v1',
      kind: 'Config',
      'current-context': 'it',
      clusters: [{ name: 'it', cluster: { server: this.address, 'certificate-authority-data': data('ca.pem') } }],
      contexts: [{ name: 'it', context: { cluster: 'it', user: 'it' } }],
      users: [{ name: 'it', user: { 'client-certificate-data': data('admin.pem'), 'client-key-data': data('admin.key') } }],
    };
    writeFileSync(this.kubeconfig, JSON.stringify(config), { mode: 0o600 });
  }
}
