import { type ITerraformDependable, TerraformStack } from 'cdktf';
import { Construct } from 'constructs';
import { refuse } from '../model/props/problem';

/** Something to depend on that is no construct itself, with the one that makes it. */
export interface PlacedDependable extends ITerraformDependable {
  readonly place: Construct;
}

/** @throws UserError when something is in another stack: Terraform orders only what is in one, and would be given an address that it does not have */
export function refuseOtherStacks(scope: Construct, dependsOn: readonly ITerraformDependable[], name = scope.node.path): void {
  const own = TerraformStack.of(scope);
  const faults = dependsOn.flatMap((one) => {
    // Not by `fqn`: reading it makes a set, to which nothing can be added then.
    const place = Construct.isConstruct(one) ? one : (one as Partial<PlacedDependable>).place;
    const other = place === undefined ? own : TerraformStack.of(place);
    if (place === undefined || other === own) return [];
    return [
      `waits for ${place.node.path}, which is in the stack "${other.node.id}", and Terraform orders within one stack only; call ${own.node.id}.addDependency(${other.node.id}) instead`,
    ];
  });
  refuse(name, faults);
}
