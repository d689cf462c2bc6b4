import { UserError } from '../../config/problem';
import { lookAt } from '../../runner/session';
import { fleetGraph } from '../graph/graph';
import { mermaid } from '../graph/mermaid';
import { textGraph } from '../graph/text';
import { defineVerb } from '../verb';

const formats = { text: textGraph, mermaid } as const;
const isFormat = (word: string): word is keyof typeof formats => Object.hasOwn(formats, word);

export const graph = defineVerb<{ format?: string; steps?: boolean; cluster?: string }>({
  name: 'graph',
  summary: 'Draw what waits for what: stacks, nodes and components; works before anything is deployed',
  example: 'npx flotilla graph --steps --format mermaid > fleet.mmd   # GitHub draws it in a ```mermaid block',
  options: [
    ['--format <text|mermaid>', 'how it is drawn (default: text)'],
    ['--steps', 'what is inside of the stacks too: nodes and components'],
    ['--cluster <name>', 'only this cluster, with its nodes and components'],
  ],
  run: async ({ selection, options: { format = 'text', steps = false, cluster } }) => {
    if (!isFormat(format)) throw new UserError(`--format ${format}: there is no such format; one of: ${Object.keys(formats).join(', ')}`);
    const { model } = lookAt(selection);
    const names = model.clusters.map(({ name }) => name);
    if (cluster !== undefined && !names.includes(cluster))
      throw new UserError(`--cluster ${cluster}: ${model.deployment} has no such cluster; one of: ${names.join(', ')}`);
    process.stdout.write(formats[format](fleetGraph(model, { cluster, steps: steps || cluster !== undefined })));
    return 0;
  },
});
