import { Failure } from '../../config/failure';
import { chooseServer } from '../../runner/cluster/api-server';
import { mergedKubeconfig } from '../../runner/cluster/merged-kubeconfig';
import { lookAt } from '../../runner/session';
import { defineVerb } from '../verb';

export const kubeconfig = defineVerb({
  name: 'kubeconfig',
  summary: 'Print one kubeconfig with a context per cluster; your own file is not touched',
  example: 'npx flotilla kubeconfig > /tmp/fleet && kubectl --kubeconfig /tmp/fleet --context edge get nodes',
  run: async ({ selection }) => {
    const deployment = lookAt(selection);
    await Promise.all(deployment.model.clusters.map((cluster) => chooseServer(deployment, cluster)));
    const text = mergedKubeconfig(deployment);
    if (text === null) throw new Failure(`${deployment.model.deployment} has no cluster yet: run "npx flotilla up"`);
    process.stdout.write(text);
    return 0;
  },
});
