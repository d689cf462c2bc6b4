import { suggestion } from '../../config/nearest';
import type { Rule } from './rule';

/** The machine provider is `auto` or one that there is. */
export const knownProvider: Rule = {
  id: 'known-provider',
  check: ({ spec, providers }) => {
    const ids = ['auto', ...providers.map(({ id }) => id)];
    if (ids.includes(spec.provider)) return [];
    return [{ path: ['provider'], value: spec.provider, rule: 'is no machine provider', remedy: suggestion(spec.provider, ids) }];
  },
};
