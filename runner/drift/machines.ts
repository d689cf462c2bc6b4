import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { destroyHookInstance, nodeStepName, scriptAddress } from '../../model/terraform-names';
import type { Deployment } from '../deployment/deployment';
import type { MachineState } from '../machines/machines';
import { stateAddresses, stateInputs } from '../terraform/state-file';
import type { Difference } from './difference';

/** What a machine is made with and keeps until `up` changes it. */
const lasting = ['role', 'address', 'cpus', 'memoryMiB', 'diskGiB'] as const;

/** Machines, which Terraform cannot see: those that state holds a lease for against those that there are. */
export function machineDrift(deployment: Deployment, machines: readonly MachineState[]): readonly Difference[] {
  const clusters = deployment.model.stacks.filter(({ kind }) => kind === 'cluster').map(({ name }) => deployment.stateFile(name));
  const inputs = new Map(clusters.flatMap((file) => [...stateInputs(file)]));
  // A provider that brings whole clusters leases them whole; which nodes they have, its records say.
  const leased =
    deployment.model.provider.brings === 'clusters'
      ? machines.filter(({ unknown }) => !unknown).map(({ node }) => node)
      : clusters.flatMap(leases);
  const seen = new Map(machines.map((machine) => [machine.node, machine]));
  return [
    ...leased.flatMap((node) => {
      const state = seen.get(node)?.state ?? 'absent';
      if (state === 'absent') return [{ address: node, what: 'gone', paths: [] } as const];
      return [
        ...(state === 'stopped' ? [{ address: node, what: 'off', paths: [] } as const] : []),
        ...recordDrift(deployment.folder, node, inputs.get(scriptAddress(nodeStepName('machine', node))) ?? {}),
      ];
    }),
    ...machines
      .filter(({ node, state }) => state !== 'absent' && !leased.includes(node))
      .map(({ node }): Difference => ({ address: node, what: 'strange', paths: [] })),
  ];
}

/** What a state holds leases for. */
export const leases = (stateFile: string): readonly string[] =>
  stateAddresses(stateFile).flatMap((address) => destroyHookInstance(address) ?? []);

/** The node's own record against what the state says that it was made with. */
function recordDrift(folder: string, node: string, applied: Readonly<Record<string, unknown>>): readonly Difference[] {
  const file = join(folder, 'nodes', `${node}.json`);
  if (!existsSync(file)) return [{ address: `nodes/${node}.json`, what: 'deleted', paths: [] }];
  const recorded = JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>;
  const paths = lasting.filter((key) => key in applied && applied[key] !== recorded[key]);
  return paths.length === 0 ? [] : [{ address: `nodes/${node}.json`, what: 'changed', paths }];
}
