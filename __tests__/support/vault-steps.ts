import { vault } from '../../components/pki/vault';
import { fillWords } from '../../model/fill-words';

/** The INPUT that the component gives to a step on the hub, or for an agent of that name, in the domain flotilla.internal. */
// biome-ignore lint/suspicious/noExplicitAny: a step's input is free
export function stepInput(id: string, cluster = 'hub'): any {
  const step = (cluster === 'hub' ? vault.steps : vault.links)?.find((one) => one.id === id);
  if (step === undefined) throw new Error(`components/pki/vault.ts has no step "${id}"`);
  return fillWords(step.input ?? {}, { cluster, domain: 'flotilla.internal' });
}
