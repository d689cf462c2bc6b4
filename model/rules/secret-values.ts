import { secretsIn } from '../secret-shapes';
import { clustersOf, type Rule } from './rule';

/** No secret in what a fleet says to charts. What looks like one is shown in its first letters only. */
export const secretValues: Rule = {
  id: 'secret-values',
  check: ({ spec }) => clustersOf(spec).flatMap(({ path, components }) => secretsIn(components.values, [...path, 'components', 'values'])),
};
