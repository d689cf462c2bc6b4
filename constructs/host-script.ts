import { Resource } from '@cdktf/provider-null/lib/resource';
import { type ITerraformDependable, TerraformStack } from 'cdktf';
import { Construct } from 'constructs';
import { refuse } from '../model/props/problem';
import { describeSecret } from '../model/secret-shapes';
import { scriptAddress } from '../model/terraform-names';
import { secretsWithTokens } from './check-props';
import { jsonTemplate, mapTokens } from './json-template';
import { refuseOtherStacks } from './same-stack';
import { hashScripts, scriptFaults, shipScript } from './script-assets';
import { nameForGood } from './stable-logical-id';

/** Where a stack's working folder finds the deployment's folder: `<deployment>/cdktf.out/stacks/<stack>`. */
export const deploymentFolder = '../../..';

/** Name of the context value by which an app says that its deployment's folder is elsewhere, seen from a stack's working folder. */
export const deploymentContext = 'flotilla:deployment';

/**
 * The deployment's folder as a stack's working folder sees it: the context value `flotilla:deployment`, else three levels up.
 * @throws UserError when the context value is no path that can stand in a Terraform expression
 */
export function deploymentFolderOf(scope: Construct): string {
  const folder: unknown = scope.node.tryGetContext(deploymentContext) ?? deploymentFolder;
  if (typeof folder === 'string' && /^[^"\\$%\p{Cc}]+$/u.test(folder)) return folder;
  refuse(`context ${deploymentContext}`, [
    `${JSON.stringify(folder)} is no path that can stand in a Terraform expression; write one without quotes, $, % and \\, such as ../../../.fleet`,
  ]);
  return deploymentFolder;
}

export interface HostScriptProps {
  /**
   * Path below Flotilla's `scripts/`, which must not lead out of that folder, or an absolute path of a script of the app, whose whole folder is shipped.
   * The script must be safe to run twice.
   */
  readonly run: string;
  /**
   * Passed to the script as one JSON in the variable INPUT, together with `deployment`, the path of the deployment's folder. Values may be cdktf tokens, such
   * as a variable or an attribute of another resource; keys may not. All of it is written to Terraform's state, so it never holds a secret: pass a secret as
   * a file of the deployment, and its path here.
   */
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
   * @throws UserError when the stack has a script of that id already, a script cannot be shipped, the input holds a token under the name of a secret, or it
   * waits for something of another stack
   */
  constructor(scope: Construct, id: string, props: HostScriptProps) {
    super(scope, id);
    // Only tokens: text in the input of Flotilla's own scripts names secrets without being any.
    const onlyTokens = mapTokens(
      props.input,
      (token) => token,
      () => '',
    );
    refuse(this.node.path, [
      ...scriptFaults('run', [props.run]),
      ...scriptFaults('handsOn', props.handsOn ?? []),
      ...secretsWithTokens({ input: onlyTokens }, inInput).map(describeSecret),
    ]);
    refuseOtherStacks(this, props.dependsOn ?? []);
    const command = shipScript(TerraformStack.of(this), props.run);
    const resource = new Resource(this, 'Resource', {
      triggers: {
        input: jsonTemplate({ deployment: deploymentFolderOf(this), ...props.input }),
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

const inInput = {
  lies: "the input of a script lies readable in Terraform's state",
  remedy: "write it to a file in the deployment's folder, and pass the path of that file",
};
