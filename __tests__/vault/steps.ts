import { vault } from '../../components/vault';

/** The INPUT that the component gives to a step, for a cluster of that name in the domain flotilla.internal. */
export function stepInput(id: string, cluster = 'hub'): any {
  const step = vault.steps?.find((one) => one.id === id);
  if (step === undefined) throw new Error(`components/vault.ts has no step "${id}"`);
  return JSON.parse(
    JSON.stringify(step.input ?? {})
      .replaceAll('{cluster}', cluster)
      .replaceAll('{domain}', 'flotilla.internal'),
  );
}
