import { projectRoot } from '../../config/package-root';
import { openDeployedFleet } from '../../runner/deployment/open';
import { settledSources } from '../../runner/host/source-plan';
import { defineVerb } from '../verb';

export const validate = defineVerb<{ json?: boolean }>({
  name: 'validate',
  summary: 'Read a fleet file and say everything that is wrong with it; exit code 2 when something is',
  example: 'npx flotilla validate --fleet my-fleet.yaml',
  options: [['--json', '{fleet, clusters, nodes, memoryMiB, warnings, notes}']],
  run: async ({ selection, options }) => {
    const { model } = openDeployedFleet({
      root: projectRoot(),
      ...selection,
      busyCidrs: [],
      chooseSources: settledSources,
      create: false,
      // Only the file is looked at, whichever deployment has its name.
      moved: true,
    });
    const nodes = model.clusters.flatMap((cluster) => cluster.nodes);
    const { nodesMemoryMiB: memoryMiB, hostMemoryMiB } = model.budget;
    if (options.json) {
      console.log(
        JSON.stringify({
          fleet: model.fleet,
          clusters: model.clusters.length,
          nodes: nodes.length,
          memoryMiB,
          warnings: model.warnings,
          notes: model.notes,
        }),
      );
      return 0;
    }
    for (const warning of model.warnings) console.log(`warning: ${warning}`);
    for (const note of model.notes) console.log(`note: ${note}`);
    console.log(
      `${model.fleet}: ${model.clusters.length} clusters, ${nodes.length} machines, ${memoryMiB} of ${hostMemoryMiB} MiB: nothing is wrong with it`,
    );
    return 0;
  },
});
