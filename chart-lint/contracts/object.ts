/** An object, as far as it is read. */
export type Loose = Readonly<Record<string, unknown>>;

/** An object of a cluster, by what people call it. */
export interface Thing {
  /** The component. */
  readonly by: string;
  readonly kind: string;
  /** API group, empty for the core. */
  readonly group: string;
  /** Empty for what is in no namespace. */
  readonly namespace: string;
  readonly name: string;
  readonly object: Loose;
}
