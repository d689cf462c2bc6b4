/** What one check of a fleet's rendered releases found. Every line is complete: it names the cluster where that matters. */
export interface Examination {
  /** What was looked at and is right, with the numbers. */
  readonly checked: readonly string[];
  readonly faults: readonly { readonly release: string; readonly text: string }[];
  /** What breaks nothing and is worth knowing. */
  readonly notes: readonly string[];
  /** What could not be looked at, and why. */
  readonly unchecked: readonly string[];
}

export const nothingExamined: Examination = { checked: [], faults: [], notes: [], unchecked: [] };

/** `1 chart`, `2 charts` */
export const counted = (count: number, singular: string, plural = `${singular}s`): string => `${count} ${count === 1 ? singular : plural}`;
