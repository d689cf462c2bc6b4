import type { FleetSpec } from '../../config/schema';
import { asSetting, secretsIn } from '../secret-shapes';
import { clustersOf, type Rule } from './rule';

/** No secret in what a fleet file says, to charts or to anybody. What looks like one is shown in its first letters only. */
export const secretValues: Rule = {
  id: 'secret-values',
  check: ({ spec }) => [
    ...clustersOf(spec).flatMap(({ path, components }) => secretsIn(components.values, [...path, 'components', 'values'])),
    ...secretsIn(withoutValues(spec), [], asSetting),
  ],
};

const withoutValues = ({ clusters, ...spec }: FleetSpec) => ({
  ...spec,
  clusters: clusters.map((cluster) => ({ ...cluster, components: { ...cluster.components, values: {} } })),
});
