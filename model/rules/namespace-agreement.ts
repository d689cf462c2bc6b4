import type { Component } from '../../components/define';
import { selectComponents } from '../select-components';
import { clustersOf, type Rule } from './rule';

/** Components that share a namespace want the same pod security, labels, limits and quota of it, as far as they say: it has only one of each. */
export const namespaceAgreement: Rule = {
  id: 'namespace-agreement',
  check: ({ spec, catalog }) =>
    clustersOf(spec).flatMap((cluster) => {
      const { components } = selectComponents(cluster, catalog);
      const names = [...new Set(components.map(({ namespace }) => namespace.name))];
      return names.flatMap((name) => {
        const sharing = components.filter(({ namespace }) => namespace.name === name);
        const quarrel = disagreement(sharing);
        if (quarrel === null) return [];
        return [
          {
            path: [...cluster.path, 'components'],
            value: undefined,
            rule: `components of cluster "${cluster.name}" do not agree on namespace ${name}: ${quarrel}`,
            remedy: 'give one of them a namespace of its own, or make them agree in their files under components/',
          },
        ];
      });
    }),
};

/** Who says what, about the first thing on which two say different things. */
function disagreement(sharing: readonly Component[]): string | null {
  const labels = [...new Set(sharing.flatMap(({ namespace }) => Object.keys(namespace.labels ?? {})))];
  const aspects: [what: string, of: (namespace: Component['namespace']) => unknown][] = [
    // One that says nothing leaves the namespace to Kubernetes, so this is an answer too.
    ['pod security', ({ podSecurity }) => podSecurity ?? 'none of ours'],
    ['limits', ({ limits }) => limits],
    ['quota', ({ quota }) => quota],
    ...labels.map((label): [string, (namespace: Component['namespace']) => unknown] => [
      `label ${label}`,
      (namespace) => namespace.labels?.[label],
    ]),
  ];
  for (const [what, of] of aspects) {
    const said = sharing.map(({ id, namespace }) => ({ id, says: of(namespace) })).filter(({ says }) => says !== undefined);
    if (new Set(said.map(({ says }) => JSON.stringify(says))).size > 1)
      return said.map(({ id, says }) => `${id} wants ${what} ${typeof says === 'string' ? says : JSON.stringify(says)}`).join(', ');
  }
  return null;
}
