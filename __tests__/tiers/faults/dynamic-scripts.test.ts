import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { allFaults } from '../../support/call-faults';
import { type Run, repository, Sandbox } from '../../support/sandbox';

const uid = 'zz9999';
const node = 'hub-cp-1';
const machine = `f${uid}-${node}`;
const images = { tart: 'ghcr.io/cirruslabs/ubuntu:24.04', multipass: '24.04' };
type Provider = keyof typeof images;

/** The scripts of a provider over its fakes, without Terraform. */
class House {
  readonly sandbox = new Sandbox();
  readonly state = join(this.sandbox.root, 'state');
  readonly mark = join(this.sandbox.root, 'host', uid, 'machines', `${node}.json`);

  constructor(readonly provider: Provider) {
    mkdirSync(join(this.state, 'tart'), { recursive: true });
    this.sandbox.write('.flotilla/lab@nspawn/sources.json', { bin: join(this.sandbox.root, 'none'), registryStore: '' });
    expect(this.script('host/ssh-key', {}).code).toBe(0);
  }

  run(script: string, more: object = {}): Run {
    return this.script(`host/${this.provider}/${script}`, { uid, node, ...more });
  }

  up(): Run {
    const sizes = { cpus: 2, memoryMiB: 2048, diskGiB: 20 };
    const rest = { cluster: 'hub', role: 'control-plane', apiName: 'a', kubeconfig: 'kubeconfig/hub', machineNetwork: 'nat' };
    return this.run('machine-up', { machine, image: images[this.provider], ...sizes, ...rest });
  }

  /** One that is off, as the host knows it; the quick way. */
  lay(): void {
    this.sandbox.write(`state/tart/vms/${machine}/config.json`, { macAddress: 'a', cpu: 2, memoryMiB: 2048, diskGB: 20 });
    this.sandbox.write(`state/multipass/${machine}/state`, 'Stopped\n');
    this.sandbox.write(`host/${uid}/machines/${node}.json`, { uid, node, stage: 'met' });
  }

  isThere(): boolean {
    return existsSync(join(this.state, this.provider === 'tart' ? 'tart/vms' : 'multipass', machine));
  }

  breakAt(fault: string): void {
    this.sandbox.lines([], `rm -f state/count-*; printf '%s\\n' '${fault}' >state/faults`);
  }

  /** Calls since the last time, as `tart-get`. */
  calls(): readonly string[] {
    const file = join(this.state, 'calls');
    const lines = existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n') : [];
    writeFileSync(file, '');
    return lines.filter(Boolean).map((line) => JSON.parse(line).program);
  }

  private script(path: string, input: object): Run {
    return this.sandbox.script(
      `${path}.sh`,
      { deployment: this.sandbox.deployment, ...input },
      {
        FLOTILLA_FAKE_STATE: this.state,
        TART_HOME: join(this.state, 'tart'),
        PATH: `${join(repository, '__tests__/fakes/bin')}:${process.env.PATH}`,
      },
    );
  }
}

let house: House;
afterEach(() => {
  house.breakAt('');
  house.run('machine-delete');
  house.sandbox.remove();
});

describe.each(['tart', 'multipass'] as const)('%s', (provider) => {
  beforeEach(() => {
    house = new House(provider);
  });

  it('never forgets a machine that it could not delete, whatever call fails', () => {
    house.lay();
    expect([house.run('machine-delete').code, house.isThere()]).toEqual([0, false]);
    const faults = allFaults(house.calls());
    expect(faults.length).toBeGreaterThanOrEqual(4);
    // Who cannot delete and cannot look either.
    for (const fault of [...faults, `${provider}-delete:1:exit\n${provider}-${provider === 'tart' ? 'get' : 'info'}:2+:exit`]) {
      house.lay();
      house.breakAt(fault);
      const { code } = house.run('machine-delete');
      expect([fault, existsSync(house.mark), house.isThere() && code === 0]).toEqual([fault, code !== 0, false]);
      house.breakAt('');
      expect([fault, house.run('machine-delete').code, house.isThere(), existsSync(house.mark)]).toEqual([fault, 0, false, false]);
    }
  });

  it('asks a machine by its hypervisor to end that SSH does not reach, and says so', () => {
    expect(house.up()).toMatchObject({ code: 0 });
    rmSync(join(house.sandbox.deployment, 'secrets/ssh/known_hosts.d', node));
    house.calls();
    const { code, stderr } = house.run('machine-stop', { how: 'clean', timeoutSeconds: 20 });
    expect([code, stderr]).toEqual([0, `${node} is not reached by SSH: its hypervisor asks it to end\n`]);
    expect(JSON.parse(house.run('machines').stdout).machines).toMatchObject([{ node, state: 'stopped' }]);
    const calls = house.calls().filter((call) => /-(stop|kill)$/.test(call));
    expect(calls).toEqual([provider === 'tart' ? 'launchctl-kill' : 'multipass-stop']);
  });
});

describe('multipass', () => {
  beforeEach(() => {
    house = new House('multipass');
    expect(house.up()).toMatchObject({ code: 0 });
    house.calls();
  });
  const says = (word: string, times: number): void =>
    writeFileSync(join(house.state, 'multipass', machine, 'says'), `${word}\n`.repeat(times));

  it.each(['Starting', 'Restarting', 'Unknown'])('waits for a machine that is "%s", because multipassd starts it', (word) => {
    // It is asked twice for each look.
    says(word, 8);
    expect(house.up()).toMatchObject({ code: 0, stderr: '' });
    expect(new Set(house.calls())).toEqual(new Set(['multipass-info']));
  });

  it('starts one that is suspended, without new sizes', () => {
    says('Suspended', 4);
    expect(house.up()).toMatchObject({ code: 0 });
    expect(house.calls().filter((call) => /-(set|start)$/.test(call))).toEqual(['multipass-start']);
  });

  it('cuts the power of a machine that does not listen, and says so', () => {
    rmSync(join(house.sandbox.deployment, 'secrets/ssh/known_hosts.d', node));
    house.sandbox.write(`state/multipass/${machine}/deaf`, '');
    const { code, stderr } = house.run('machine-stop', { how: 'clean', timeoutSeconds: 1 });
    expect(code).toBe(0);
    expect(stderr).toContain(`${node} is not off after 1 s: cutting its power`);
    expect(JSON.parse(house.run('machines').stdout).machines).toMatchObject([{ node, state: 'stopped' }]);
  });
});
