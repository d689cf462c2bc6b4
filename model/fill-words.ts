/** The value with `{word}` replaced in every text of it, names of fields too; braces around anything else stay. */
export function fillWords<T>(value: T, words: Readonly<Record<string, string>>): T {
  const fill = (text: string): string => text.replace(/\{([a-z]+)\}/g, (all, word: string) => words[word] ?? all);
  const walk = (inner: unknown): unknown => {
    if (typeof inner === 'string') return fill(inner);
    if (Array.isArray(inner)) return inner.map(walk);
    if (inner === null || typeof inner !== 'object') return inner;
    return Object.fromEntries(Object.entries(inner).map(([key, one]) => [fill(key), walk(one)]));
  };
  return walk(value) as T;
}
