import { Resource } from '@cdktf/provider-null/lib/resource';
import { type ITerraformDependable, TerraformStack } from 'cdktf';
import { Construct } from 'constructs';
import { deploymentFolder } from './host-script';
import { shipScript } from './script-assets';

export interface TeardownMarkerProps {
  readonly uid: string;
  /** Everything else of the stack: the marker goes first. */
  readonly dependsOn: readonly ITerraformDependable[];
}

/** Destroyed before all else, it leaves the note by which leases know that nothing needs to be drained. */
export class TeardownMarker extends Construct {
  constructor(scope: Construct, id: string, props: TeardownMarkerProps) {
    super(scope, id);
    const stack = TerraformStack.of(this);
    const command = shipScript(stack, 'host/teardown.sh');
    const resource = new Resource(this, 'Resource', {
      triggers: { uid: props.uid, stack: stack.node.id },
      provisioners: [
        {
          type: 'local-exec',
          when: 'destroy',
          command: `bash ${command}`,
          environment: { INPUT: `\${jsonencode({ deployment = "${deploymentFolder}", stack = self.triggers.stack })}` },
        },
      ],
      dependsOn: [...props.dependsOn],
    });
    resource.overrideLogicalId(id);
  }
}
