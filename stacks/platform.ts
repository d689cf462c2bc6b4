import { HelmProvider } from '@cdktf/provider-helm/lib/provider';
import { KubernetesProvider } from '@cdktf/provider-kubernetes/lib/provider';
import { NullProvider } from '@cdktf/provider-null/lib/provider';
import { TerraformStack } from 'cdktf';
import type { Construct } from 'constructs';
import { ComponentSet } from '../constructs/component-set';
import { deploymentFolderOf } from '../constructs/host-script';
import type { ResolvedCluster, ResolvedFleet } from '../model/resolved-fleet';
import { settle } from './terraform-settings';

/** Everything that is installed on one cluster. A stack of its own because its providers need the cluster to plan. */
export class PlatformStack extends TerraformStack {
  constructor(scope: Construct, id: string, fleet: ResolvedFleet, cluster: ResolvedCluster, chartMirror?: string) {
    super(scope, id);
    settle(this, ['null', 'helm', 'kubernetes']);
    const configPath = `${deploymentFolderOf(this)}/${cluster.kubeconfig}`;
    new NullProvider(this, 'null');
    new HelmProvider(this, 'helm', { kubernetes: { configPath } });
    // A path to a file that is not there yet is refused at once; with null the provider falls back on localhost, where nothing answers.
    new KubernetesProvider(this, 'kubernetes', { configPath: `\${fileexists("${configPath}") ? "${configPath}" : null}` });
    new ComponentSet(this, 'components', {
      uid: fleet.uid,
      cluster: cluster.name,
      kubeconfig: cluster.kubeconfig,
      components: cluster.components,
      ...(chartMirror === undefined ? {} : { chartMirror }),
    });
  }
}
