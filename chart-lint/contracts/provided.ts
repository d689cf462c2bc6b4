import { type Inventory, matches, type Pods, portsNamed } from './inventory';
import type { Broken } from './violations';

/** Services for other clusters whose selector finds no pods of their release, or pods without the port. */
export function brokenServices({ releases, pods }: Inventory): readonly Broken[] {
  return releases.flatMap(({ component: { id, namespace, serves }, isUnknown }) =>
    isUnknown
      ? []
      : serves.flatMap(({ name, port, targetPort = port, selector }): Broken[] => {
          const own = pods.filter((one) => one.by === id && one.namespace === namespace.name);
          const behind = own.filter(({ labels }) => matches(labels, selector));
          const remedy = `mend \`serves\` of components/${id}.ts`;
          if (behind.length === 0)
            return [
              {
                release: id,
                value: `serves: ${name} selects ${pairs(selector)}`,
                rule: `no pods of the release have these labels; ${listed(own)}`,
                remedy,
              },
            ];
          return behind
            .filter((one) => portsNamed(one, targetPort).length === 0)
            .map((one) => ({
              release: id,
              value: `serves: ${name}, port ${targetPort}`,
              rule: `${one.workload}, which it selects, has no such port; it has ${portsOf(one)}`,
              remedy: `${remedy}: another port, or a selector that leaves these pods out`,
            }));
        }),
  );
}

const pairs = (labels: Readonly<Record<string, unknown>>): string =>
  Object.entries(labels)
    .map(([key, value]) => `${key}=${String(value)}`)
    .join(',');

const listed = (pods: readonly Pods[]): string =>
  pods.length === 0 ? 'it has no pods there' : `it has ${pods.map(({ workload, labels }) => `${workload} (${pairs(labels)})`).join(', ')}`;

export const portsOf = ({ containers }: Pods): string =>
  containers.flatMap(({ ports }) => ports.map(({ name, number }) => (name === undefined ? `${number}` : `${number} ${name}`))).join(', ') ||
  'none';
