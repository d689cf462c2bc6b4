import { Resource } from '@cdktf/provider-null/lib/resource';
import { type ITerraformDependable, TerraformStack } from 'cdktf';
import { Construct } from 'constructs';
import { scriptAddress } from '../model/terraform-names';
import { escapeTemplate } from './escape';
import { hashScripts, shipScript } from './script-assets';
import { nameForGood } from './stable-name';

/** Where a stack's working folder finds the deployment's folder: `<deployment>/cdktf.out/stacks/<stack>`. */
export const deploymentFolder = '../../..';

/** Name of the context value by which an app says that its deployment's folder is elsewhere, seen from a stack's working folder. */
export const deploymentContext = 'flotilla:deployment';

/** The deployment's folder as a stack's working folder sees it: the context value `flotilla:deployment`, else three levels up. */
export const deploymentFolderOf = (scope: Construct): string => scope.node.tryGetContext(deploymentContext) ?? deploymentFolder;

export interface HostScriptProps {
  /** Path below Flotilla's `scripts/`, or an absolute path, whose whole folder is shipped. Must be safe to run twice. */
  readonly run: string;
  /** Handed over as one JSON in the variable INPUT, with `deployment`, the path of the deployment's folder, added. Never holds a secret. */
  readonly input: Readonly<Record<string, unknown>>;
  /** Scripts that `run` hands on to a machine: an edit of one runs this again too. @default - none */
  readonly handsOn?: readonly string[];
  /** Terraform expressions, in their `${…}`, that run it again when they come out differently. @default - none */
  readonly rerunOn?: Readonly<Record<string, string>>;
  /** @default - nothing */
  readonly dependsOn?: readonly ITerraformDependable[];
}

/** The only way a command runs: again whenever its input, its script or what that sources changes. It destroys nothing. */
export class HostScript extends Construct implements ITerraformDependable {
  /** The resource's address, e.g. `null_resource.ssh-key`. */
  public readonly fqn: string;

  /**
   * @param id also the Terraform name, so that moving the construct replaces nothing
   * @throws Error when the stack has a script of that id already
   */
  constructor(scope: Construct, id: string, props: HostScriptProps) {
    super(scope, id);
    const command = shipScript(TerraformStack.of(this), props.run);
    const resource = new Resource(this, 'Resource', {
      triggers: {
        input: escapeTemplate(JSON.stringify({ deployment: deploymentFolderOf(this), ...props.input })),
        scripts: hashScripts([props.run, ...(props.handsOn ?? [])]),
        ...props.rerunOn,
      },
      provisioners: [{ type: 'local-exec', command: `bash ${command}`, environment: { INPUT: '${self.triggers.input}' } }],
      dependsOn: [...(props.dependsOn ?? [])],
    });
    nameForGood(resource, id);
    this.fqn = scriptAddress(id);
  }
}
