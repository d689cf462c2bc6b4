import { z } from 'zod';
import { isDnsLabel } from '../rules/dns-labels';
import { kubeconfig, name, prefix, uid } from './fields';
import { optional, orReference, schemaFaults } from './problem';

const label = name.refine(isDnsLabel, 'is no DNS label').describe('small letters, digits and hyphens, at most 63');
const set = z.object({ uid, cluster: label, kubeconfig, prefix: optional(prefix) });

/** What the props of a set of components break. */
export const setFaults = (props: object): readonly string[] => schemaFaults(set, props);

/** Helm's limit for the name of a release, less `-resources`. */
const longestId = 53 - '-resources'.length;

const component = z.object({
  id: label.refine(
    (text) => text.length <= longestId,
    `is longer than Helm takes for the name of a release, ${longestId} with -resources behind it`,
  ),
  namespace: z.object({ name: label }),
  timeoutSeconds: orReference(z.int().min(1)).describe('whole seconds, 1 or more'),
});

/** What a component that is added to a set breaks: its id is the name of a Helm release too. */
export const componentFaults = (added: object): readonly string[] => {
  const { id } = added as { readonly id?: unknown };
  const shown = typeof id === 'string' ? id : '';
  return schemaFaults(component, added).map((fault) => `component "${shown}", which becomes a Helm release: ${fault}`);
};
