/** Something that a component says of what its chart makes, and that is not so. */
export interface Broken {
  /** The component. */
  readonly release: string;
  readonly value: string;
  readonly rule: string;
  readonly remedy: string;
  /** It cannot be told: a chart that may have it is not here. */
  readonly isUnknown?: true;
  /** It harms nobody, and other values than ours may have made it so: said, and no fault. */
  readonly isNote?: true;
}

export const say = ({ value, rule, remedy }: Broken): string => `${value}: ${rule}; ${remedy}`;
