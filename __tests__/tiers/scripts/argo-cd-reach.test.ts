import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Sandbox } from '../../support/sandbox';

let sandbox: Sandbox;
beforeEach(() => {
  sandbox = new Sandbox();
});
afterEach(() => sandbox.remove());

const server = 'https://api.edge.lab.internal:6443';
/**
 * What `argocd admin cluster stats` of Argo CD 3.4.4 prints: NewClusterStatsCommand of cmd/argocd/commands/admin/cluster.go, a tabwriter with two spaces between
 * columns; CONNECTION is a ConnectionStatus, and empty when Redis has no record. Written from this source, not recorded.
 */
const stats = (connection: string, applications = 3) =>
  [
    'SERVER                              SHARD  CONNECTION  NAMESPACES COUNT  APPS COUNT  RESOURCES COUNT',
    'https://kubernetes.default.svc      0      Successful  1                 1           412',
    `${server}  0      ${connection.padEnd(10)}  2                 ${applications}           ${connection === 'Successful' ? 230 : 0}`,
    '',
  ].join('\n');

function ask(printed: string, { reachable = true, script = join(__dirname, '../../../scripts/host/argo-cd-reach.sh') } = {}) {
  sandbox.write('stats', printed);
  sandbox.stub(
    'kubectl',
    `case "$*" in
      *' timeout 5 bash -c '*' api.edge.lab.internal 6443') exit ${reachable ? 0 : 124} ;;
      *' argocd admin cluster stats --port-forward-redis=false --replicas 1') cat '${sandbox.root}/stats' ;;
      *) exit 9 ;;
    esac`,
  );
  return sandbox.bash([script, 'edge', server], {});
}

it('holds when the API can be reached and the controller has read the cluster', () =>
  expect(ask(stats('Successful'))).toEqual({ code: 0, stdout: '', stderr: '' }));

it.each([
  ['an API that cannot be reached now, whatever the record says', stats('Successful'), false, /does not reach https:\/\/api\.edge/],
  ['a connection that failed', stats('Failed'), true, /connection to edge is "Failed", with 3 applications/],
  ['a cluster with applications that was never read', stats('Unknown'), true, /is "Unknown"/],
  ['a cluster with applications and without a record', stats(''), true, /is "none"/],
  ['a failed connection without applications', stats('Failed', 0), true, /is "Failed"/],
  ['a cluster that is not registered', stats('Successful').replace(server, 'https://other:6443'), true, /not registered/],
  ['nothing printed', '', true, /not registered/],
])('does not hold: %s', (_, printed, reachable, said) => {
  expect(ask(printed, { reachable })).toMatchObject({ code: 1, stderr: expect.stringMatching(said) });
});

it.each(['Unknown', ''])('cannot tell (77) when no application goes to a cluster that can be reached: "%s"', (connection) =>
  expect(ask(stats(connection, 0))).toMatchObject({ code: 77, stderr: expect.stringContaining('no application goes there') }),
);

it.each([
  ['takes any record for a connection', '  [[ "$state" != Successful ]] || return 0', '  return 0', 'Failed', true],
  ['opens no connection', 'in_controller timeout 5', 'true', 'Successful', false],
])('mutation: a script that %s does not find the unreachable cluster', (_, before, after, connection, reachable) => {
  const script = join(sandbox.copy(), 'host/argo-cd-reach.sh');
  const text = readFileSync(script, 'utf8');
  expect(text).toContain(before);
  writeFileSync(
    script,
    text.replace(before, () => after),
  );
  expect(ask(stats(connection), { reachable, script }).code).toBe(0);
});
