import { Failure } from '../../config/failure';
import { type FleetOutputs, readOutputs } from '../../runner/cluster/outputs';
import { table } from '../../runner/progress/table';
import { lookAt } from '../../runner/session';
import { defineVerb } from '../verb';

export const outputs = defineVerb<{ json?: boolean }>({
  name: 'outputs',
  summary: 'Print how to reach what runs: endpoints, addresses, kubeconfig paths, SSH commands; never a secret',
  example: "npx flotilla outputs --json | jq -r '.clusters[].endpoints[].url'",
  options: [
    [
      '--json',
      '{deployment, kubeconfig, clusters: [{name, api: {url, name, answers}, kubeconfig, context, nodes: [{name, role, address, ssh}], endpoints: [{service, url}], unpublishedPorts: [number]}]}; ssh is a list of words, null where nodes are no machines',
    ],
  ],
  run: async ({ selection, options }) => {
    const deployment = lookAt(selection);
    const found = await readOutputs(deployment);
    if (found === null) throw new Failure(`${deployment.model.deployment} has no cluster yet: run "npx flotilla up"`);
    console.log(options.json ? JSON.stringify(found, null, 2) : page(found));
    return 0;
  },
});

function page({ kubeconfig, clusters }: FleetOutputs): string {
  const endpoints = clusters.flatMap(({ name, api, endpoints: services }) => [
    [name, 'kubernetes API', api.url, api.answers ? '' : 'does not answer: "npx flotilla status" tells why'],
    ...services.map(({ service, url }) => [name, service, url]),
  ]);
  const nodes = clusters.flatMap(({ name, nodes: members }) =>
    members.map((node) => [name, node.name, node.role, node.address, node.ssh === null ? '' : `npx flotilla ssh ${node.name}`]),
  );
  const configs = clusters.map(({ name, kubeconfig: file, context }) => [name, context, file]);
  const unpublished = clusters
    .filter(({ unpublishedPorts: ports }) => ports.length > 0)
    .map(
      ({ name, unpublishedPorts: ports }) =>
        `note: the fleet file publishes ${ports.length === 1 ? 'port' : 'ports'} ${ports.join(', ')} of this host, but cluster "${name}" was made without, and Docker adds no port to a container. To get them, make the cluster anew, without its data: npx flotilla destroy, then npx flotilla up.`,
    );
  return [
    table([['cluster', 'service', 'endpoint, the same on every node', ''], ...endpoints]),
    table([['cluster', 'node', 'role', 'address', 'shell'], ...nodes]),
    table([['cluster', 'context', 'kubeconfig'], ...configs, ['all', clusters[0]?.context ?? '', kubeconfig]]),
    ...unpublished,
  ].join('\n\n');
}
