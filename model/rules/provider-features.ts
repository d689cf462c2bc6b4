import { nearest } from '../../config/nearest';
import type { MachineProvider } from '../../machines/define';
import { type Demand, demandsOf, meaningOf, supportOf } from '../provider-demands';
import type { BrokenRule, Rule, RuleFacts, WayOut } from './rule';

type Asked = RuleFacts & { readonly provider: MachineProvider };

/** What the fleet asks of its machines can be had from its provider, on the network that it names. */
export const providerFeatures: Rule = {
  id: 'provider-features',
  check: (facts) => {
    const { spec, provider, catalog } = facts;
    if (provider === null) return [];
    const asked = { ...facts, provider };
    const refused = demandsOf(spec, provider, catalog).filter(({ what }) => supportOf(what, provider, spec.machineNetwork) === 'no');
    return [...unknownNetwork(asked), ...together(refused).map((demands) => impossible(demands, asked))];
  },
};

/** One sentence per feature that nobody has tried with this provider, and who relies on it. */
export function featureWarnings({ spec, provider, catalog }: Pick<Asked, 'spec' | 'provider' | 'catalog'>): readonly string[] {
  const open = demandsOf(spec, provider, catalog).filter(({ what }) => supportOf(what, provider, spec.machineNetwork) === 'unproven');
  return [...new Set(open.map(({ what }) => what))].map((what) => {
    const asking = open.filter((demand) => demand.what === what).map(({ by }) => by);
    return `not proven with ${carrier({ spec, provider })}: that ${meaningOf(what)}; ${asking.join(', ')} ${asking.length === 1 ? 'relies' : 'rely'} on it`;
  });
}

function unknownNetwork({ spec: { machineNetwork }, provider }: Asked): BrokenRule[] {
  if (machineNetwork === undefined || Object.hasOwn(provider.networks, machineNetwork)) return [];
  const known = Object.keys(provider.networks);
  const close = nearest(machineNetwork, known);
  return [
    {
      path: ['machineNetwork'],
      value: machineNetwork,
      rule: `is no network of ${provider.id}, which has ${known.join(', ')}`,
      remedy: `write ${known[0]}, or leave machineNetwork out`,
      waysOut: [
        ...(close === null ? [] : [onNetwork(close)]),
        { remedy: 'leave machineNetwork out', changes: [{ path: ['machineNetwork'] }] },
      ],
    },
  ];
}

/** What cannot be left out is one problem per feature; the rest, each at its own place, can be told apart. */
function together(refused: readonly Demand[]): readonly (readonly Demand[])[] {
  const fixed = refused.filter(({ leaveOut }) => leaveOut === null);
  const groups = [...new Set(fixed.map(({ what }) => what))].map((what) => fixed.filter((demand) => demand.what === what));
  return [...groups, ...refused.filter(({ leaveOut }) => leaveOut !== null).map((demand) => [demand])];
}

function impossible(demands: readonly Demand[], asked: Asked): BrokenRule {
  const { what, path, value, leaveOut } = demands[0]!;
  const { spec, provider, providers } = asked;
  const modes = Object.keys(provider.networks).filter((network) => supportOf(what, provider, network) !== 'no');
  const others = providers.filter((other) => other.id !== provider.id && supportOf(what, other, undefined) !== 'no');
  return {
    path,
    value: value ?? spec.machineNetwork,
    rule: `${demands.map(({ by }) => by).join(', ')} ${demands.length === 1 ? 'asks' : 'ask'} that ${meaningOf(what)}; not with ${carrier(asked)}`,
    remedy: 'take a provider that can',
    waysOut: [...modes.map(onNetwork), ...(leaveOut === null ? [] : [leaveOut]), ...others.map((other) => onProvider(other, asked))],
  };
}

const carrier = ({ spec, provider }: Pick<Asked, 'spec' | 'provider'>): string =>
  spec.machineNetwork !== undefined && Object.hasOwn(provider.networks, spec.machineNetwork)
    ? `${provider.id} on its network ${spec.machineNetwork}`
    : `${provider.id} on its network ${Object.keys(provider.networks)[0]}`;

const onNetwork = (network: string): WayOut => ({
  remedy: `write machineNetwork: ${network}`,
  changes: [{ path: ['machineNetwork'], value: network }],
});

/** Network and image are words of the provider that is left. */
function onProvider({ id }: MachineProvider, { spec }: Asked): WayOut {
  const stale = (['machineNetwork', 'image'] as const).filter((field) => spec[field] !== undefined);
  const without = stale.length === 0 ? '' : ` and leave ${stale.join(' and ')} out`;
  return {
    remedy: `write provider: ${id}${without}`,
    changes: [{ path: ['provider'], value: id }, ...stale.map((field) => ({ path: [field] }))],
  };
}
