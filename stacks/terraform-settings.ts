import { LocalBackend, type TerraformStack } from 'cdktf';
import { deploymentFolderOf } from '../constructs/host-script';

/** Ranges that the bindings' resources and an offline mirror both meet. */
const constraints = { null: '>= 3.2, < 4', helm: '>= 3.1, < 4', kubernetes: '>= 2.38, < 4' } as const;

/** State in the deployment's folder by a relative path, and ranges instead of the exact versions that the bindings ask for. */
export function settle(stack: TerraformStack, providers: readonly (keyof typeof constraints)[]): void {
  new LocalBackend(stack, { path: `${deploymentFolderOf(stack)}/state/${stack.node.id}.tfstate` });
  stack.addOverride('terraform.required_version', '>= 1.9, < 2.0');
  for (const name of providers) stack.addOverride(`terraform.required_providers.${name}.version`, constraints[name]);
}
