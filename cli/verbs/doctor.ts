import { projectRoot } from '../../config/package-root';
import { openDeployedFleet } from '../../runner/deployment/open';
import { addresses } from '../../runner/host/checks';
import { findings } from '../../runner/host/fitness';
import { decidedSources } from '../../runner/host/source-plan';
import { table } from '../../runner/progress/table';
import { defineVerb } from '../verb';

export const doctor = defineVerb<{ json?: boolean }>({
  name: 'doctor',
  summary: 'Look at this host and say what stands in the way of the fleet, with the remedy; changes nothing',
  example: 'npx flotilla doctor               # exit code 1 when up would refuse',
  options: [['--json', '[{check, verdict, found, remedy}]']],
  run: async ({ selection, options }) => {
    const busyCidrs = addresses().map(({ cidr }) => cidr);
    const { model, folder } = openDeployedFleet({
      root: projectRoot(),
      ...selection,
      busyCidrs,
      chooseSources: decidedSources,
      create: false,
    });
    const found = findings(model, folder);
    if (options.json) console.log(JSON.stringify(found, null, 2));
    else
      console.log(table(found.map((entry) => [mark[entry.verdict], entry.check, [entry.found, entry.remedy].filter(Boolean).join(' — ')])));
    return found.some(({ verdict }) => verdict === 'fault') ? 1 : 0;
  },
});

const mark = { ok: '✓', warning: '!', fault: '✗' } as const;
