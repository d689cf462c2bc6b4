import { spawnSync } from 'node:child_process';
import type { Probe } from './official';

const patienceSeconds = 2;

/** Answers of this run, by URL: `null` is a good one, else what was wrong. The network is asked once. */
const answers = new Map<string, string | null>();

/**
 * Asks all that were not asked yet, side by side, for two seconds at most.
 * @returns `null` when every probe got an answer that it accepts, else the first that did not and why
 */
export function probeAll(probes: readonly Probe[]): string | null {
  const open = probes.filter(({ url }) => !answers.has(url));
  if (open.length > 0) ask(open);
  const bad = probes.find(({ url }) => answers.get(url) !== null);
  if (bad === undefined) return null;
  const [host, said] = [new URL(bad.url).host, answers.get(bad.url)!];
  return said.includes(host) ? said : `${host}: ${said}`;
}

export const forgetAnswers = (): void => answers.clear();

// By curl and not by Node: it goes through the proxy that the environment names, as apt, helm and Terraform do. HEAD, because an index can be large.
function ask(probes: readonly Probe[]): void {
  const each = [
    '--write-out',
    '%{url}\\t%{http_code}\\t%{errormsg}\\n',
    '--head',
    '--silent',
    '--location',
    '--max-time',
    String(patienceSeconds),
  ];
  const words = probes.flatMap(({ url }, index) => [...(index > 0 ? ['--next'] : []), ...each, '--output', '/dev/null', url]);
  const { stdout, error } = spawnSync('curl', ['--parallel', '--parallel-immediate', ...words], { encoding: 'utf8' });
  const lines = (stdout ?? '').split('\n').map((line) => line.split('\t'));
  for (const { url, accepts } of probes) {
    const [, status, said] = lines.find(([asked]) => asked === url) ?? [];
    const silence = error === undefined ? `no answer in ${patienceSeconds} s` : `curl cannot be started (${error.message})`;
    if (status !== undefined && accepts.includes(Number(status))) answers.set(url, null);
    else answers.set(url, status === undefined || status === '000' ? said || silence : `answers with HTTP ${status}`);
  }
}
