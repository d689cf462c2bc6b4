import { prepareFor } from '../../runner/session';
import { defineVerb } from '../verb';

export const prepare = defineVerb({
  name: 'prepare',
  summary: 'Get everything that Terraform needs to apply the fleet, and write its stacks, without creating a machine',
  example: 'npx flotilla prepare && cdktf deploy foundation hub hub-platform',
  run: async ({ selection }) => {
    const { deployment } = await prepareFor(selection, 'prepare', (line) => console.log(line));
    console.log(`${deployment.model.deployment} is prepared: run "npx flotilla up", "cdktf deploy" or "terraform apply"`);
    return 0;
  },
});
