import type { ITerraformDependable } from 'cdktf';
import type { Construct } from 'constructs';
import type { MachineProps } from '../constructs/machine';
import { MultipassVm } from '../constructs/multipass-vm';
import { NspawnVm } from '../constructs/nspawn-vm';
import { TartVm } from '../constructs/tart-vm';
import type { ResolvedFleet } from '../model/resolved-fleet';

type MakeMachine = (scope: Construct, machine: MachineProps & { readonly address: string }, fleet: ResolvedFleet) => ITerraformDependable;

const assigned: MakeMachine = (scope, machine, { network: { prefixLength, gateway, bridge } }) =>
  new NspawnVm(scope, machine.node, { ...machine, network: { prefixLength, gateway, bridge } });

const leased =
  (Vm: typeof TartVm | typeof MultipassVm): MakeMachine =>
  (scope, { address: _, ...machine }, { provider: { image, network } }) =>
    new Vm(scope, machine.node, { ...machine, ...(image === null ? {} : { image }), machineNetwork: network });

const makers: Readonly<Record<string, MakeMachine>> = { nspawn: assigned, tart: leased(TartVm), multipass: leased(MultipassVm) };

/** Who makes the machines of a provider; one from outside is told what those of ours are that find their addresses as it does. */
export const machineMaker = ({ id, addresses }: ResolvedFleet['provider']): MakeMachine =>
  makers[id] ?? (addresses === 'assigned' ? assigned : leased(TartVm));
