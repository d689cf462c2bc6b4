import { type ITerraformDependable, TerraformStack } from 'cdktf';
import type { Construct } from 'constructs';

const ofStack = new WeakMap<TerraformStack, Dependencies>();

/** Who waits for whom among the resources of a stack, so that nobody is told twice. */
export class Dependencies {
  private readonly before = new Map<string, ReadonlySet<string>>();

  /** One for all sets of a stack: they wait for each other. */
  public static of(scope: Construct): Dependencies {
    const stack = TerraformStack.of(scope);
    const known = ofStack.get(stack) ?? new Dependencies();
    ofStack.set(stack, known);
    return known;
  }

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
