import { tart } from '../../machines/tart';
import type { Command, Context, Observation, Step } from './step';

const mac = ['darwin'] as const;
const oneLine = ({ stdout, stderr }: Command): string => (stdout.trim() || stderr.trim()).split('\n')[0] ?? '';
const judged = (command: Command, found: string, remedy: string): Observation => ({
  ok: command.code === 0,
  found: command.code === 0 ? found : `exit code ${command.code}: ${oneLine({ ...command, stdout: '' }) || oneLine(command)}`,
  remedy,
});

/** Each program with the words that make it tell its version. */
const programs: readonly (readonly [string, ...string[]])[] = [
  ['tart', '--version'],
  ['softnet', '--version'],
  ['terraform', 'version'],
  ['kubectl', 'version', '--client'],
  ['jq', '--version'],
  ['bash', '--version'],
  ['node', '--version'],
];

const make = (index: 0 | 1, id: string, needs: readonly string[]): Step => ({
  id,
  shows: `a throw-away machine is cloned, started with softnet and gets an address (${index + 1} of 2)`,
  on: mac,
  needs,
  run: async ({ run, start, machines, facts }) => {
    const name = machines[index];
    // `tart clone` replaces a machine of that name without a word.
    if ((await run('tart', ['get', name, '--format', 'json'])).code === 0)
      return { ok: false, found: `there is a machine "${name}" already`, remedy: `is it yours? then: tart delete ${name}` };
    const cloned = await run('tart', ['clone', tart.image!, name], 1800);
    if (cloned.code !== 0) return judged(cloned, '', 'is the image reachable? "tart pull" tells more');
    facts.set(`made ${name}`, 'yes');
    await run('tart', ['set', name, '--random-mac', '--cpu', '2', '--memory', '2048']);
    start('tart', ['run', '--no-graphics', '--no-audio', '--no-clipboard', '--net-softnet-allow=0.0.0.0/0', name]);
    const address = await run('tart', ['ip', name, '--wait', '120'], 150);
    facts.set(name, address.stdout.trim());
    return judged(
      address,
      `${address.stdout.trim()} after ${address.seconds.toFixed(0)} s`,
      'does softnet run as root? see the step "softnet"',
    );
  },
});

/** What only a Mac can show about machines, in the order in which one thing needs the other. */
export const macSteps: readonly Step[] = [
  {
    id: 'mac',
    shows: 'this is a Mac with Apple silicon',
    on: mac,
    run: async ({ run }) => {
      const said = [
        await run('sw_vers', ['-productVersion']),
        await run('uname', ['-m']),
        await run('sysctl', ['-n', 'machdep.cpu.brand_string', 'hw.memsize', 'hw.ncpu']),
      ];
      const [version, machine, hardware] = said.map(({ stdout }) => stdout.trim().replaceAll('\n', ', ')) as [string, string, string];
      return { ok: machine === 'arm64', found: `macOS ${version}, ${machine}, ${hardware}`, remedy: 'Tart needs Apple silicon' };
    },
  },
  {
    id: 'programs',
    shows: 'every program that Flotilla calls on a Mac is there',
    on: mac,
    run: async ({ run }) => {
      const said: Command[] = [];
      for (const [program, ...words] of programs) said.push(await run(program, words));
      const missing = said.flatMap(({ code }, index) => (code === 127 ? [programs[index]![0]] : []));
      return {
        ok: missing.length === 0,
        found: missing.length === 0 ? said.map(oneLine).join('; ') : `missing: ${missing.join(', ')}`,
        remedy: `install them, e.g. with Homebrew: ${missing.join(' ')}`,
      };
    },
  },
  {
    id: 'softnet',
    shows: 'softnet may do its work without asking for a password',
    on: mac,
    needs: ['programs'],
    run: async ({ run }) => {
      const where = await run('which', ['softnet']);
      const real = await run('realpath', [where.stdout.trim()]);
      const rights = await run('stat', ['-f', '%Su %Sp', real.stdout.trim()]);
      const isReady = /^root .{3}s/.test(rights.stdout);
      return {
        ok: isReady,
        found: `${real.stdout.trim()}: ${rights.stdout.trim() || rights.stderr.trim()}`,
        remedy: `sudo chown root ${real.stdout.trim()} && sudo chmod u+s ${real.stdout.trim()}`,
      };
    },
  },
  {
    id: 'image',
    shows: 'the image that machines are cloned from can be pulled',
    on: mac,
    needs: ['mac', 'programs'],
    run: async ({ run }) => {
      const pulled = await run('tart', ['pull', tart.image!], 3600);
      return judged(pulled, `${tart.image} in ${pulled.seconds.toFixed(0)} s`, 'is the registry reachable? is the disk full?');
    },
  },
  make(0, 'first-machine', ['image', 'softnet']),
  {
    id: 'inventory',
    shows: 'tart tells of the machine what Flotilla reads: name, state, size',
    on: mac,
    needs: ['first-machine'],
    run: async ({ run, machines }) => {
      const [listed, got] = [await run('tart', ['list', '--format', 'json']), await run('tart', ['get', machines[0], '--format', 'json'])];
      const entry = (JSON.parse(listed.stdout) as { Name?: string; State?: string }[]).find(({ Name }) => Name === machines[0]);
      const { CPU, Memory, State } = JSON.parse(got.stdout) as Record<string, unknown>;
      const found = `list: ${JSON.stringify(entry)}; get: ${JSON.stringify({ CPU, Memory, State })}`;
      return {
        ok: entry?.State === 'running' && CPU === 2 && Memory === 2048 && State === 'running',
        found,
        remedy: 'this version of tart says it in other words: report it with this file',
      };
    },
  },
  {
    id: 'host-to-machine',
    shows: 'the host reaches the machine',
    on: mac,
    needs: ['first-machine'],
    run: ({ run, machines, facts }) => reach(run, 'nc', ['-z', '-w', '10', facts.get(machines[0])!, '22']),
  },
  {
    id: 'guest-agent',
    shows: 'commands run in the machine without any password',
    on: mac,
    needs: ['first-machine'],
    run: async ({ run, machines }) => {
      const said = await run('tart', ['exec', machines[0], 'sudo', '-n', 'id', '-un']);
      return {
        ok: said.stdout.trim() === 'root',
        found: oneLine(said),
        remedy: 'the image lacks the guest agent, or macOS is older than 14',
      };
    },
  },
  make(1, 'second-machine', ['first-machine']),
  {
    id: 'machine-to-machine',
    shows: 'machines reach each other, without which no cluster of two nodes can be',
    on: mac,
    needs: ['second-machine', 'guest-agent'],
    run: ({ run, machines, facts }) => reach(run, 'tart', ['exec', machines[0], 'nc', '-z', '-w', '10', facts.get(machines[1])!, '22']),
  },
  {
    id: 'same-address',
    shows: 'a machine keeps its address over a stop and a start',
    on: mac,
    needs: ['second-machine'],
    run: async ({ run, start, machines, facts }) => {
      const name = machines[1];
      await run('tart', ['stop', name, '--timeout', '30']);
      start('tart', ['run', '--no-graphics', '--no-audio', '--no-clipboard', '--net-softnet-allow=0.0.0.0/0', name]);
      const again = await run('tart', ['ip', name, '--wait', '120'], 150);
      const found = `${facts.get(name)} before, ${again.stdout.trim() || 'none'} after`;
      return {
        ok: again.code === 0 && again.stdout.trim() === facts.get(name),
        found,
        remedy: '"npx flotilla boot" repairs what a new address breaks',
      };
    },
  },
  {
    id: 'machines-gone',
    shows: 'the throw-away machines leave nothing',
    on: mac,
    cleansUp: true,
    run: async ({ run, machines, facts }) => {
      for (const name of machines.filter((machine) => facts.has(`made ${machine}`))) {
        await run('tart', ['stop', name, '--timeout', '10']);
        await run('tart', ['delete', name]);
      }
      const left = (await run('tart', ['list', '--quiet', '--source', 'local'])).stdout
        .split('\n')
        .filter((name) => facts.has(`made ${name}`));
      return { ok: left.length === 0, found: left.length === 0 ? 'none left' : left.join(', '), remedy: `tart delete ${left.join(' ')}` };
    },
  },
];

async function reach(run: Context['run'], program: string, args: readonly string[]): Promise<Observation> {
  const said = await run(program, args, 30);
  return judged(
    said,
    `port 22 answers after ${said.seconds.toFixed(1)} s`,
    'the local network may be forbidden to this terminal, or a VPN takes the route',
  );
}
