import type { Construct } from 'constructs';
import { deploymentFolderOf } from './host-script';

/**
 * A Terraform expression that is another one for another cluster, also under the same name and address; empty before there is one.
 * @param kubeconfig path below the deployment's folder
 */
export function clusterIdentity(scope: Construct, kubeconfig: string): string {
  const path = `${deploymentFolderOf(scope)}/${kubeconfig}`;
  return `\${fileexists("${path}") ? sha256(yamldecode(file("${path}")).clusters[0].cluster["certificate-authority-data"]) : ""}`;
}
