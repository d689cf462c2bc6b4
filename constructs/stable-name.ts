import { type TerraformResource, TerraformStack } from 'cdktf';

const taken = new WeakMap<TerraformStack, Set<string>>();

/**
 * Gives a resource a Terraform name that does not depend on its place in the tree: moving a construct must never replace what it made.
 * @throws Error when the stack holds that name already; cdktf would merge the two into one without a word
 */
export function nameForGood(resource: TerraformResource, name: string): void {
  const stack = TerraformStack.of(resource);
  const address = `${resource.terraformResourceType}.${name}`;
  const names = taken.get(stack) ?? new Set();
  if (names.has(address))
    throw new Error(
      `${address} is in stack "${stack.node.id}" already, and ${resource.node.path} would be merged into it: give one another id`,
    );
  taken.set(stack, names.add(address));
  resource.overrideLogicalId(name);
}
