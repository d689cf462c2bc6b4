import { rmSync } from 'node:fs';
import { resolve } from 'node:path';
import { Failure } from '../../config/failure';
import { chosenNodes, findArchive, loadOnto, scratchFolder } from '../../runner/cluster/load';
import { workOn } from '../../runner/session';
import { defineVerb } from '../verb';

export const load = defineVerb<{ cluster?: string; node?: string }>({
  name: 'load',
  operands: '<image|file...>',
  summary:
    "Bring images of your own onto the nodes, from docker's or podman's store or a tar file; pods use them with imagePullPolicy Never or IfNotPresent",
  example: 'npx flotilla load app:1           # after "docker build -t app:1 ."',
  options: [
    ['--cluster <name>', 'nodes of this cluster only'],
    ['--node <name>', 'this node only'],
  ],
  run: async ({ selection, options, args }) => {
    const session = workOn(selection, 'load');
    const { deployment, lock } = session;
    const nodes = chosenNodes(deployment, options.cluster, options.node);
    const scratch = scratchFolder();
    const failed: string[] = [];
    try {
      for (const wanted of args) {
        const archive = findArchive(wanted, scratch, deployment.environment);
        // Read by a script, from another folder.
        const absolute = { ...archive, file: resolve(archive.file) };
        await Promise.all(
          nodes.map(async ({ name }) => {
            try {
              const { loaded } = await loadOnto(deployment, name, absolute, lock.descriptor);
              console.log(
                `${name}: ${loaded.length > 0 ? `loaded ${loaded.join(', ')}` : `has ${archive.images.map((image) => image.name).join(', ')} already`}`,
              );
            } catch (error) {
              if (!(error instanceof Failure)) throw error;
              failed.push(`${name}: ${error.message}`);
            }
          }),
        );
      }
    } finally {
      rmSync(scratch, { recursive: true, force: true });
    }
    if (failed.length > 0) throw new Failure(failed.join('\n'));
    return 0;
  },
});
