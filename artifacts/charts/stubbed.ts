import type { ResolvedComponent, ResolvedFleet } from '../../model/resolved-fleet';
import type { StandInPlan } from '../stub-chart';

/** A fleet without the scripts that would talk to software which is not there. */
export interface Speechless {
  readonly model: ResolvedFleet;
  /** A sentence per component whose scripts are left out. */
  readonly notRun: readonly string[];
}

/** Leaves out `steps` and `links` of releases that are stand-ins, but for those that run the real program. */
export function leaveOutScripts(model: ResolvedFleet, standIns: readonly StandInPlan[]): Speechless {
  const left = new Map<string, string[]>();
  const silence = (cluster: string, component: ResolvedComponent): ResolvedComponent => {
    const { id, steps, links } = component;
    if (steps.length + links.length === 0 || !isHollow(component, standIns)) return component;
    const said = [...steps.map((step) => `${step.id} (${cluster})`), ...links.map((link) => `${link.id} (${cluster} for ${link.client})`)];
    left.set(id, [...(left.get(id) ?? []), ...said]);
    return { ...component, steps: [], links: [] };
  };
  const clusters = model.clusters.map((cluster) => ({
    ...cluster,
    components: cluster.components.map((component) => silence(cluster.name, component)),
  }));
  return { model: { ...model, clusters }, notRun: [...left].map(([id, scripts]) => `not run, ${id} is a stand-in: ${scripts.join(', ')}`) };
}

/** Whether nothing of a component runs: its chart is a stand-in without the real program in it. */
export const isHollow = ({ chart }: Pick<ResolvedComponent, 'chart'>, standIns: readonly StandInPlan[]): boolean =>
  standIns.some(({ name, version, program }) => chart?.name === name && chart.version === version && program === undefined);
