const factors: Readonly<Record<string, number>> = {
  '': 1,
  n: 1e-9,
  u: 1e-6,
  m: 1e-3,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  P: 1e15,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
  Pi: 2 ** 50,
};

export class QuantityError extends Error {}

/** A quantity of Kubernetes in its base unit (cores, bytes); 0 for a missing one. @throws QuantityError for what is no quantity */
export function quantity(value: unknown): number {
  if (value === undefined || value === null || value === '') return 0;
  const [, number, unit] = /^([+-]?[\d.]+(?:[eE][+-]?\d+)?)([numkMGTP]?|[KMGTP]i)$/.exec(String(value)) ?? [];
  const factor = factors[unit ?? '?'];
  if (number === undefined || factor === undefined)
    throw new QuantityError(`"${String(value)}" is no quantity; write one such as 500m, 128Mi or 2`);
  return Number(number) * factor;
}
