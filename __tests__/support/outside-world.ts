import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { eventually } from './lab-command';

/** Where a web server answers that is outside of every bridge of ours; the host is the router to it. */
export const outsideUrl = 'http://10.99.77.2:8080/';
export const outsideAnswer = 'the world outside';

const namespace = 'flotilla-outside';
const link = 'fl-outside';
const server = `require('node:http').createServer((_, answer) => answer.end('${outsideAnswer}')).listen(8080, '10.99.77.2')`;
const ip = (words: string): string => execFileSync('ip', words.split(' '), { encoding: 'utf8' });

/** Makes a network namespace behind a router, this host, with a web server in it, while `use` runs. */
export async function withOutsideWorld(use: () => Promise<void>): Promise<void> {
  let listener: ChildProcess | undefined;
  remove();
  try {
    ip(`netns add ${namespace}`);
    ip(`link add ${link} type veth peer name outside netns ${namespace}`);
    ip(`address add 10.99.77.1/30 dev ${link}`);
    ip(`link set ${link} up`);
    for (const words of [
      'link set lo up',
      'address add 10.99.77.2/30 dev outside',
      'link set outside up',
      'route add default via 10.99.77.1',
    ])
      ip(`-netns ${namespace} ${words}`);
    listener = spawn('ip', ['netns', 'exec', namespace, process.execPath, '-e', server], { stdio: ['ignore', 'ignore', 'inherit'] });
    await eventually(10, async () => ((await (await fetch(outsideUrl)).text()) === outsideAnswer ? true : null));
    await use();
  } finally {
    listener?.kill('SIGKILL');
    remove();
  }
}

/** Also what an earlier run was killed with: the link goes with the namespace, or before it. */
function remove(): void {
  spawnSync('ip', ['link', 'delete', link], { stdio: 'ignore' });
  spawnSync('ip', ['netns', 'delete', namespace], { stdio: 'ignore' });
}
