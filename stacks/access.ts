import { NullProvider } from '@cdktf/provider-null/lib/provider';
import { type ITerraformDependable, TerraformStack } from 'cdktf';
import type { Construct } from 'constructs';
import { deploymentFolderOf, HostScript } from '../constructs/host-script';
import type { ResolvedFleet } from '../model/resolved-fleet';
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
          const { kubeconfig } = fleet.clusters.find(({ name }) => name === client)!;
          const path = `${deploymentFolderOf(this)}/${kubeconfig}`;
          const authority = `yamldecode(file("${path}")).clusters[0].cluster["certificate-authority-data"]`;
          const made = new HostScript(this, `access-${client}-${component}-${step}`, {
            run: script,
            handsOn,
            input: { component, ...input, cluster, client },
            // Another cluster under that name has another authority, and nobody knows it yet.
            rerunOn: { client: `\${fileexists("${path}") ? sha256(${authority}) : ""}` },
            dependsOn: before === undefined ? [] : [before],
          });
          last.set(client, made);
        }
      }
  }
}
