import { projectRoot } from '../../config/package-root';
import { fleetTable } from '../../model/table';
import { openDeployedFleet } from '../../runner/deployment/open';
import { addresses } from '../../runner/host/checks';
import { settledSources } from '../../runner/host/source-plan';
import { defineVerb } from '../verb';

export const model = defineVerb<{ json?: boolean }>({
  name: 'model',
  summary: 'Print the fleet as it was understood: nodes, addresses, components in install order',
  example: "npx flotilla model --json | jq -r '.clusters[].nodes[].address'",
  options: [['--json', 'the whole resolved fleet, as stacks and documents read it']],
  run: async ({ selection, options }) => {
    const busyCidrs = addresses().map(({ cidr }) => cidr);
    const { model: resolved } = openDeployedFleet({
      root: projectRoot(),
      ...selection,
      busyCidrs,
      chooseSources: settledSources,
      create: false,
    });
    console.log(options.json ? JSON.stringify(resolved, null, 2) : fleetTable(resolved));
    return 0;
  },
});
