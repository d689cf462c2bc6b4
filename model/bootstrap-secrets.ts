import { type Component, type ComponentContext, clientsOf, type SecretDemand, type SecretText } from '../components/define';
import { fillWords } from './fill-words';

/** A Secret as the script gets it: what is left to fill in are names of values. */
export type LaidSecret = Omit<SecretDemand, 'keys'> & { readonly keys: Readonly<Record<string, string>> };

/**
 * The Secrets of a component in one cluster, whose texts name the values of this cluster, and of its clients where they say so.
 * @param brought names of values that the fleet brings for it: one Secret more
 */
export function laidSecrets(
  { id, secrets = [] }: Pick<Component, 'id' | 'secrets'>,
  context: ComponentContext,
  brought: readonly string[] = [],
): readonly LaidSecret[] {
  const fill = (text: string, cluster: string): string => fillWords(text, { cluster });
  const { name } = context.cluster;
  const join = (text: SecretText): string =>
    (typeof text === 'string' ? [text] : text)
      .flatMap((part) =>
        typeof part === 'string' ? [fill(part, name)] : clientsOf(context).map((client) => fill(part.perClient, client.name)),
      )
      .join('');
  const own = secrets.map(({ keys, ...secret }) => ({
    ...secret,
    keys: Object.fromEntries(Object.entries(keys).map(([key, text]) => [key, join(text)])),
  }));
  const more = { name: broughtSecret(id), keys: Object.fromEntries(brought.map((name) => [name, `{${name}.brought}`])) };
  return brought.length === 0 ? own : [...own, more];
}

/** Name of the Secret with what a fleet brings for a component. */
export const broughtSecret = (component: string): string => `${component}-brought`;
