import { production } from '../../components/policy/production';
import type { Json } from '../support/fleet-fixture';
import { contextOf } from '../support/observability-clusters';

/** A line per way that policies open, or close where they open nothing: whose pods, the direction, with whom, by which ports. */
const ways = (policies: readonly Json[]): string[] =>
  policies.flatMap(({ kind, metadata, spec }) => {
    const pods = `${kind} in ${metadata.namespace}: ${labels(spec.podSelector)}`;
    return (spec.policyTypes as string[]).flatMap((type) => {
      const [rules, peers] = type === 'Ingress' ? [spec.ingress, 'from'] : [spec.egress, 'to'];
      const open = (rules ?? []).flatMap((rule: Json) =>
        (rule[peers] ?? [undefined]).flatMap((peer: Json) =>
          (rule.ports ?? [{}]).map(({ protocol, port }: Json) => `${pods} ${peers} ${who(peer)} ${protocol}/${port}`),
        ),
      );
      return open.length > 0 ? open : [`${pods} ${peers} nobody`];
    });
  });
const labels = (selector: Json): string => (Object.keys(selector).length === 0 ? 'all' : JSON.stringify(selector.matchLabels));
const who = (peer: Json): string => (peer === undefined ? 'anybody' : JSON.stringify(peer));

const made = (): Json => JSON.parse(JSON.stringify(production.resources!(contextOf('agent'))));
const monitoring = '{"namespaceSelector":{"matchLabels":{"kubernetes.io/metadata.name":"monitoring"}}}';
const wanted = [
  'NetworkPolicy in production: {"app":"api-server"} from anybody TCP/8080',
  ...[9090, 4317, 4318].map((port) => `NetworkPolicy in production: all to ${monitoring} TCP/${port}`),
];

test('only app=api-server may be called, on 8080, and all may call what takes metrics and traces', () => {
  expect(production.namespace.name).toBe('production');
  expect(ways(made())).toEqual(wanted);
});

test.each<[string, (policies: Json) => void]>([
  ['every pod is open', ([ingress]) => (ingress.spec.podSelector = {})],
  ['every port is open', ([ingress]) => delete ingress.spec.ingress[0].ports],
  ['nobody gets in', ([ingress]) => (ingress.spec.ingress = [])],
  ['what opens calls closes them too', ([, egress]) => egress.spec.policyTypes.push('Ingress')],
  ['every namespace may be called', ([, egress]) => (egress.spec.egress[0].to = [{ namespaceSelector: {} }])],
  ['a policy is gone', (policies) => policies.pop()],
  ['it is of another namespace', ([ingress]) => (ingress.metadata.namespace = 'default')],
])('sabotage: it is seen when %s', (_, spoil) => {
  const policies = made();
  spoil(policies);
  expect(ways(policies)).not.toEqual(wanted);
});
