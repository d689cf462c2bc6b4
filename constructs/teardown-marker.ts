import { Resource } from '@cdktf/provider-null/lib/resource';
import { type ITerraformDependable, TerraformStack } from 'cdktf';
import { Construct } from 'constructs';
import { markerFaults } from '../model/props/machines';
import { checkProps } from './check-props';
import { deploymentFolderOf } from './host-script';
import { refuseOtherStacks } from './same-stack';
import { shipScript } from './script-assets';
import { nameForGood } from './stable-logical-id';

export interface TeardownMarkerProps {
  /** Six hex digits, as the lease has. */
  readonly uid: string;
  /** Everything else of the stack: the marker goes first. */
  readonly dependsOn: readonly ITerraformDependable[];
}

/** Destroyed before all else, it leaves the note by which leases know that nothing needs to be drained. */
export class TeardownMarker extends Construct {
  /**
   * @param id also the Terraform name; one per stack
   * @throws UserError when the uid is none, or something of another stack is among `dependsOn`
   */
  constructor(scope: Construct, id: string, props: TeardownMarkerProps) {
    super(scope, id);
    checkProps(this, props, markerFaults);
    refuseOtherStacks(this, props.dependsOn);
    const stack = TerraformStack.of(this);
    const command = shipScript(stack, 'host/teardown.sh');
    const resource = new Resource(this, 'Resource', {
      triggers: { uid: props.uid, stack: stack.node.id },
      provisioners: [
        {
          type: 'local-exec',
          when: 'destroy',
          command: `bash ${command}`,
          environment: { INPUT: `\${jsonencode({ deployment = "${deploymentFolderOf(this)}", stack = self.triggers.stack })}` },
        },
      ],
      dependsOn: [...props.dependsOn],
    });
    nameForGood(resource, id);
  }
}
