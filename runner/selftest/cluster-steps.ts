import type { Step } from './step';

const anywhere = ['darwin', 'linux'] as const;

/** A whole cluster by this very command, on whatever carries machines here. */
export const clusterSteps: readonly Step[] = [
  {
    id: 'host-is-fit',
    shows: 'doctor finds nothing in the way',
    on: anywhere,
    run: async ({ flotilla }) => {
      const { code, stdout, stderr } = await flotilla('doctor', ['--json'], 120);
      if (!stdout.startsWith('[')) return { ok: false, found: stderr.trim() || `exit code ${code}`, remedy: 'do what it says' };
      const faults = (JSON.parse(stdout) as { check: string; verdict: string; found: string; remedy: string }[]).filter(
        ({ verdict }) => verdict === 'fault',
      );
      const found = faults.map((fault) => `${fault.check}: ${fault.found}`).join('; ') || 'no faults';
      return { ok: faults.length === 0, found, remedy: faults.map((fault) => fault.remedy).join('; ') };
    },
  },
  {
    id: 'cluster-up',
    shows: 'a cluster of one node comes up',
    on: anywhere,
    needs: ['host-is-fit'],
    run: async ({ flotilla }) => {
      // The first time everything may have to be fetched or built.
      const { code, stdout, stderr, seconds } = await flotilla('up', [], 3600);
      const last = (stderr.trim() || stdout.trim()).split('\n').at(-1) ?? '';
      return {
        ok: code === 0,
        found: code === 0 ? `${seconds.toFixed(0)} s` : `exit code ${code}: ${last}`,
        remedy: 'see its output below',
      };
    },
  },
  {
    id: 'cluster-stays',
    shows: 'a second up finds nothing to do',
    on: anywhere,
    needs: ['cluster-up'],
    run: async ({ flotilla }) => {
      const { code, seconds } = await flotilla('diff', [], 600);
      return {
        ok: code === 0,
        found: code === 3 ? 'there are changes' : `exit code ${code}, ${seconds.toFixed(0)} s`,
        remedy: 'see its output below',
      };
    },
  },
  {
    id: 'cluster-reboot',
    shows: 'the cluster comes back after a shutdown',
    on: anywhere,
    needs: ['cluster-up'],
    run: async ({ flotilla }) => {
      const off = await flotilla('shutdown', [], 300);
      const on = await flotilla('boot', [], 600);
      const found = `shutdown ${off.seconds.toFixed(0)} s (exit code ${off.code}), boot ${on.seconds.toFixed(0)} s (exit code ${on.code})`;
      return { ok: off.code === 0 && on.code === 0, found, remedy: 'see the output below' };
    },
  },
  {
    id: 'cluster-gone',
    shows: 'the cluster goes without a trace',
    on: anywhere,
    needs: ['host-is-fit'],
    cleansUp: true,
    run: async ({ flotilla }) => {
      const { code, stderr, seconds } = await flotilla('destroy', ['--yes'], 600);
      const found = code === 0 ? `${seconds.toFixed(0)} s` : `exit code ${code}: ${stderr.trim().split('\n').at(-1) ?? ''}`;
      return {
        ok: code === 0,
        found,
        remedy: '"npx flotilla destroy --deployment NAME --yes"; NAME is the folder of selftest below .flotilla/',
      };
    },
  },
];
