import { type TerraformResource, TerraformStack } from 'cdktf';
import { refuse } from '../model/props/problem';

const taken = new WeakMap<TerraformStack, Set<string>>();

/**
 * Gives a resource a Terraform name that does not depend on its place in the tree: moving a construct must never replace what it made.
 * @throws UserError when Terraform takes no such name, or the stack holds it already: cdktf would merge the two into one without a word
 */
export function nameForGood(resource: TerraformResource, name: string): void {
  const stack = TerraformStack.of(resource);
  const address = `${resource.terraformResourceType}.${name}`;
  const names = taken.get(stack) ?? new Set();
  refuse(resource.node.path, [
    ...(/^[A-Za-z_][\w-]*$/.test(name)
      ? []
      : [`the id "${name}" is no name in Terraform; take letters, digits, _ and -, with a letter or _ first`]),
    ...(names.has(address) ? [`${address} is in stack "${stack.node.id}" already, and the two would become one; take another id`] : []),
  ]);
  taken.set(stack, names.add(address));
  resource.overrideLogicalId(name);
}
