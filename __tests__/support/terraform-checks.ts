import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { StackOutcome } from '../../runner/terraform/stack-run';
import type { Lab, Run } from './terraform-lab';

// Each check returns what is wrong, so that a test can expect nothing of the real thing and something of its sabotaged twin.

/** Leases that a run or a plan takes away from a node that stays. */
export const lostLeases = ({ outcomes }: Run): readonly string[] =>
  changes(outcomes).filter((change) => /^(replace|delete) null_resource\.lease/.test(change));

export const changes = (outcomes: readonly StackOutcome[]): readonly string[] =>
  outcomes.flatMap((outcome) => outcome.changes.map(({ action, address }) => `${action} ${address}`));

/** Calls by which a machine goes or is switched off. */
export const touchedMachines = (lab: Lab): readonly string[] =>
  lab
    .calls()
    .filter(({ program }) => program === 'machine-delete' || program === 'machine-stop')
    .map(({ program, node }) => `${program} ${node}`);

export const drains = (lab: Lab): readonly string[] =>
  lab.calls().flatMap(({ program, what }) => (program === 'kubectl' && / drain /.test(what) ? [what] : []));

/** Machines and records that no node of the fleet stands for, and nodes without them. */
export function strays(lab: Lab, wanted: readonly string[]): readonly string[] {
  const differences = (what: string, found: readonly string[]): string[] => [
    ...found.filter((node) => !wanted.includes(node)).map((node) => `${what} of ${node} is left`),
    ...wanted.filter((node) => !found.includes(node)).map((node) => `${what} of ${node} is missing`),
  ];
  return [...differences('machine', lab.machines()), ...differences('record', lab.nodes())];
}

/** What Terraform began to destroy before the teardown marker was gone, from the last log of a stack. */
export function destroyedBeforeMarker(lab: Lab, stack: string): readonly string[] {
  const logs = join(lab.folder, 'logs');
  const latest = readdirSync(logs)
    .filter((run) => readdirSync(join(logs, run)).includes(`${stack}.log`))
    .sort()
    .at(-1)!;
  const events = readFileSync(join(logs, latest, `${stack}.log`), 'utf8')
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as { type: string; hook?: { resource: { addr: string } } });
  const gone = events.findIndex(({ type, hook }) => type === 'apply_complete' && hook?.resource.addr === 'null_resource.teardown');
  return events
    .slice(0, gone === -1 ? undefined : gone)
    .filter(({ type, hook }) => type === 'apply_start' && hook?.resource.addr !== 'null_resource.teardown')
    .map(({ hook }) => hook!.resource.addr);
}

export const results = ({ outcomes }: Run): Record<string, string> =>
  Object.fromEntries(outcomes.map(({ stack, result }) => [stack, result]));
