import type { Json } from '../../support/fleet-fixture';
import { drill } from './agent-drill';
import { collectors, extraArgs, rememberedConfig, renderedConfig } from './collector-config';
import { describeWithProgram } from './programs';

const agent = collectors.find(({ cluster }) => cluster.role === 'agent')!;

describeWithProgram('otel-collector')('an agent whose hub is away and whose collector is killed', () => {
  const run = async (spoil: (config: Json) => void = () => {}, args = extraArgs(agent)) => {
    const config = structuredClone((await renderedConfig(agent))?.config ?? rememberedConfig(agent));
    spoil(config);
    return drill(config, args);
  };

  test('loses no line and no span; what the hub had is not sent again, nothing more than twice', async () => {
    const { lost, repeated, most } = await run();
    expect({ lost, repeated }).toEqual({ lost: [], repeated: [] });
    expect(most).toBeLessThanOrEqual(2);
  });

  // Twins: the same drill sees what each part of the configuration is for.
  test('sabotage: with the queue in memory, what waited is lost', async () => {
    const { lost } = await run(({ exporters }) => {
      for (const exporter of Object.values<Json>(exporters)) delete exporter.sending_queue.storage;
    });
    expect(lost.filter((name) => name.startsWith('line-01')).length).toBeGreaterThan(400);
    expect(lost.filter((name) => name.startsWith('span-01'))).toHaveLength(50);
  });

  test('sabotage: without the switch, what was read and not yet on disk is lost', async () => {
    const { lost } = await run(() => {}, []);
    expect(lost.length).toBeGreaterThan(0);
    expect(lost.every((name) => name.startsWith('line-2'))).toBe(true);
  });

  test('sabotage: without checkpoints, what was written while nobody read is lost', async () => {
    const { lost } = await run(({ receivers }) => delete receivers.file_log.storage);
    expect(lost.filter((name) => /^line-0[34]/.test(name))).toHaveLength(200);
  });

  test('sabotage: without checkpoints and from the beginning, what the hub had is sent again', async () => {
    const { repeated } = await run(({ receivers }) => {
      delete receivers.file_log.storage;
      receivers.file_log.start_at = 'beginning';
    });
    expect(repeated.filter((name) => name.startsWith('line-'))).toHaveLength(200);
  });
});
