import type { ITerraformDependable } from 'cdktf';

/** Who waits for whom among resources, so that nobody is told twice. */
export class Dependencies {
  private readonly before = new Map<string, ReadonlySet<string>>();

  /** Remembers what a resource waits for, and returns it. */
  public add<T extends ITerraformDependable>(resource: T, dependsOn: readonly ITerraformDependable[]): T {
    this.before.set(resource.fqn, new Set(dependsOn.flatMap(({ fqn }) => [fqn, ...(this.before.get(fqn) ?? [])])));
    return resource;
  }

  /** Without those that another one of the list waits for already, each once. */
  public reduce(wanted: readonly ITerraformDependable[]): ITerraformDependable[] {
    const unique = [...new Map(wanted.map((one) => [one.fqn, one])).values()];
    return unique.filter(({ fqn }) => !unique.some((other) => other.fqn !== fqn && this.before.get(other.fqn)?.has(fqn)));
  }
}
