import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { withoutNulls } from '../../../artifacts/charts/helm';
import type { Values } from '../../../artifacts/charts/values-tree';
import { mergeValues } from '../../../model/merge-values';
import type { Json } from '../../support/fleet-fixture';
import { objectsOf, type Release, releasesOf } from './rendered';

export const collectors: readonly Release[] = releasesOf('otel-collector');

/** Ours and what the presets of the chart add, as presets.yaml remembers it. */
export function rememberedConfig({ component }: Release): Json {
  const presets = parse(readFileSync(join(__dirname, 'presets.yaml'), 'utf8'));
  const { filelog, ...receivers } = (component.values as Json).config.receivers;
  // The chart takes both names and writes the newer one.
  return withoutNulls(
    mergeValues(presets, { ...(component.values as Json).config, receivers: { ...receivers, file_log: filelog } }) as Values,
  );
}

/** What its program is called with beside the file. */
export const extraArgs = ({ component }: Release): readonly string[] => (component.values as Json).command.extraArgs;

interface Rendered {
  readonly config: Json;
  /** Of the pod. */
  readonly variables: readonly string[];
  readonly args: readonly string[];
}

/** What the real chart renders; `null` where the chart is not here. */
export async function renderedConfig(release: Release): Promise<Rendered | null> {
  const objects = await objectsOf(release);
  if (objects === null) return null;
  const pod = objects.find(({ kind }) => kind === 'DaemonSet').spec.template.spec;
  return {
    config: parse(objects.find(({ kind, data }) => kind === 'ConfigMap' && data.relay).data.relay),
    variables: pod.containers[0].env.map(({ name }: Json) => name),
    args: pod.containers[0].args,
  };
}

/** The same configuration with the folders of a node moved below one of the test's. */
export const below = (folder: string, config: Json): Json =>
  JSON.parse(
    JSON.stringify(config).replaceAll('/var/lib/otelcol', join(folder, 'otelcol')).replaceAll('/var/log/pods', join(folder, 'pods')),
  );
