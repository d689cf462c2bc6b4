import { NullProvider } from '@cdktf/provider-null/lib/provider';
import { type ITerraformDependable, TerraformStack } from 'cdktf';
import type { Construct } from 'constructs';
import { accessScript } from '../constructs/access-script';
import type { ResolvedFleet } from '../model/resolved-fleet';
import { accessStepName } from '../model/terraform-names';
import { settle } from './terraform-settings';

/**
 * What lets the other clusters into what the hub has for them. It waits for the hub's platform and for every cluster, not for the agents' platforms, which
 * come up without it.
 */
export class AccessStack extends TerraformStack {
  constructor(scope: Construct, id: string, fleet: ResolvedFleet) {
    super(scope, id);
    settle(this, ['null']);
    new NullProvider(this, 'null');
    for (const { name: cluster, components } of fleet.clusters)
      for (const { id: component, links } of components) {
        const last = new Map<string, ITerraformDependable>();
        for (const { id: step, client, script, handsOn = [], input } of links) {
          const before = last.get(client);
          const made = accessScript(this, accessStepName(client, component, step), {
            script,
            handsOn,
            input: { component, ...input, cluster, client },
            clientKubeconfig: fleet.clusters.find(({ name }) => name === client)!.kubeconfig,
            dependsOn: before === undefined ? [] : [before],
          });
          last.set(client, made);
        }
      }
  }
}
