import { HelmProvider } from '@cdktf/provider-helm/lib/provider';
import { KubernetesProvider } from '@cdktf/provider-kubernetes/lib/provider';
import { NullProvider } from '@cdktf/provider-null/lib/provider';
import { TerraformStack } from 'cdktf';
import type { Construct } from 'constructs';
import { AgentCluster } from '../constructs/agent-cluster';
import { CiliumMesh } from '../constructs/cilium-mesh';
import { deploymentFolderOf } from '../constructs/host-script';
import { ObservabilityHub } from '../constructs/observability-hub';
import { Platform } from '../constructs/platform';
import { VaultPki } from '../constructs/vault-pki';
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
    const platform = new Platform(this, 'platform', {
      fleet,
      cluster: cluster.name,
      ...(chartMirror === undefined ? {} : { chartMirror }),
    });
    if (CiliumMesh.isPartOf(platform)) new CiliumMesh(platform, 'mesh');
    if (VaultPki.isPartOf(platform)) new VaultPki(platform, 'pki');
    if (ObservabilityHub.isPartOf(platform)) new ObservabilityHub(platform, 'observability');
    if (AgentCluster.isPartOf(platform)) new AgentCluster(platform, 'agent');
    // The platform installs what no construct owns.
  }
}
