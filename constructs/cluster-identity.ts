import type { Construct } from 'constructs';
import { accessFaults } from '../model/props/clusters';
import { refuse } from '../model/props/problem';
import { deploymentFolderOf } from './host-script';

/**
 * A Terraform expression that is another one for another cluster, also under the same name and address; empty before there is one.
 * @param kubeconfig path below the deployment's folder
 * @throws UserError when it is no such path: it stands in the expression
 */
export function clusterIdentity(scope: Construct, kubeconfig: string): string {
  refuse(scope.node.path, accessFaults({ kubeconfig }));
  const path = `${deploymentFolderOf(scope)}/${kubeconfig}`;
  return `\${fileexists("${path}") ? sha256(yamldecode(file("${path}")).clusters[0].cluster["certificate-authority-data"]) : ""}`;
}
