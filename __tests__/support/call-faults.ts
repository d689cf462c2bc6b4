/** Every call of a run, failing alone and with all that come after it: who is asked may hiccup, and may be gone. */
export const allFaults = (calls: readonly string[]): readonly string[] =>
  [...new Set(calls)].flatMap((program) =>
    calls.filter((call) => call === program).flatMap((_, index) => [`${program}:${index + 1}:exit`, `${program}:${index + 1}+:exit`]),
  );
