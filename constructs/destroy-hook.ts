import { Resource } from '@cdktf/provider-null/lib/resource';
import { type ITerraformDependable, TerraformStack } from 'cdktf';
import { Construct } from 'constructs';
import { leaseFaults } from '../model/props/machines';
import { refuse } from '../model/props/problem';
import { checkProps } from './check-props';
import { deploymentFolderOf } from './host-script';
import { type PlacedDependable, refuseOtherStacks } from './same-stack';
import { scriptFaults, shipScript } from './script-assets';
import { nameForGood } from './stable-logical-id';

export interface LeaseProps {
  /** Six hex digits: whose machines these are. */
  readonly uid: string;
  /** Names of what is held, one instance each: DNS labels, at least one. */
  readonly holds: readonly string[];
  /** Path below `scripts/`, or absolute as for a HostScript; run with {deployment, uid, node} when an instance goes. */
  readonly release: string;
  /** @default - nothing */
  readonly dependsOn?: readonly ITerraformDependable[];
}

/**
 * What gives back a machine. Its triggers are identity only: a script's hash among them would replace every lease, and so delete the whole
 * fleet, when a script is edited. It has no create provisioner: Terraform skips the destroy provisioner of what such a one tainted.
 */
export class Lease extends Construct {
  private readonly holds: readonly string[];

  /**
   * @param id also the Terraform name
   * @throws UserError when a prop breaks a rule, the script cannot be shipped, or it waits for something of another stack
   */
  constructor(scope: Construct, id: string, props: LeaseProps) {
    super(scope, id);
    checkProps(this, props, leaseFaults, () => scriptFaults('release', [props.release]));
    refuseOtherStacks(this, props.dependsOn ?? []);
    this.holds = props.holds;
    const command = shipScript(TerraformStack.of(this), props.release);
    const resource = new Resource(this, 'Resource', {
      triggers: { uid: props.uid, node: '${each.key}' },
      provisioners: [
        {
          type: 'local-exec',
          when: 'destroy',
          command: `bash ${command}`,
          environment: {
            INPUT: `\${jsonencode({ deployment = "${deploymentFolderOf(this)}", uid = self.triggers.uid, node = self.triggers.node })}`,
          },
        },
      ],
      dependsOn: [...(props.dependsOn ?? [])],
    });
    nameForGood(resource, id);
    // One resource keyed by name, not one per node: when a whole block leaves the configuration, Terraform runs no destroy provisioner.
    resource.addOverride('for_each', Object.fromEntries(props.holds.map((name) => [name, name])));
  }

  /**
   * The one instance, e.g. `null_resource.lease["hub-cp-1"]`: what needs one node must not wait for all.
   * @throws UserError when the lease does not hold that name
   */
  of(name: string): PlacedDependable {
    if (!this.holds.includes(name))
      refuse(this.node.path, [`holds no "${name}"; take one of ${this.holds.join(', ')}, or add the name to \`holds\``]);
    return { fqn: `null_resource.${this.node.id}["${name}"]`, place: this };
  }
}
