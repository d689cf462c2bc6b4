import { everyKindFrom, type SourceChoice } from '../config/sources';
import type { Artifact } from './artifact';
import { artifacts as offlineArtifacts } from './artifacts';
import { closure } from './engine';
import { type OfficialPlan, officialArtifacts } from './official';
import { programsOf, withPrograms } from './stub-programs';

/** What a deployment takes from where. */
export interface PreparationPlan extends OfficialPlan {
  readonly choice: SourceChoice;
  /** Charts of which only stand-ins can be had, by their names: some of these run a program that has to be made. */
  readonly standIns: readonly string[];
}

/** Ids of the artifacts that fill each role; `null` where nothing is to be made on this host. */
export interface WantedRoles {
  readonly tools: string;
  readonly nodeImage: string | null;
  readonly preloaded: string | null;
  readonly registryStore: string | null;
  readonly providers: string;
  readonly charts: string | null;
}

/** The roles and exactly the artifacts that they need: what is not wanted must not even be looked at, its key may ask for Go. */
export function wantedArtifacts(plan: PreparationPlan): { readonly roles: WantedRoles; readonly artifacts: readonly Artifact[] } {
  const { choice, nodePackages, standIns } = plan;
  const makesImage = nodePackages === 'image';
  const officialPackages = choice.packages === 'official';
  const offlineImages = choice.images === 'offline';
  const roles: WantedRoles = {
    tools: officialPackages ? 'official-host-tools' : 'host-tools',
    nodeImage: !makesImage ? null : officialPackages ? 'official-node-image' : 'node-image',
    preloaded: makesImage && offlineImages ? 'preloaded-images' : null,
    registryStore: offlineImages ? 'registry-store' : null,
    providers: choice.providers === 'official' ? 'official-provider-mirror' : 'provider-mirror',
    charts: choice.charts === 'official' ? null : 'chart-mirror',
  };
  const ids = Object.values(roles).filter((id): id is string => id !== null);
  return {
    roles,
    artifacts: closure([...withPrograms(offlineArtifacts, offlineImages ? programsOf(standIns) : []), ...officialArtifacts(plan)], ids),
  };
}

/** Everything from `artifacts/`, for nodes that start from its image. */
export const offlinePlan: PreparationPlan = Object.freeze({
  choice: everyKindFrom('offline'),
  kubernetes: '',
  nodePackages: 'image',
  chartRepositories: [],
  standIns: [],
  platform: process.platform,
  architecture: process.arch === 'x64' ? 'amd64' : process.arch,
});
