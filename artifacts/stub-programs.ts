import type { Artifact } from './artifact';
import { type PodImage, podImagesArtifact } from './pod-images';
import { vaultArtifact, vaultVersion } from './vault';

/** A program that can be built here although its chart cannot be had: the chart's stand-in runs it, in a pod that `stand-in-programs/<chart>.yaml` makes. */
export interface StandInProgram {
  /** Name of the chart, and of the program's own file. */
  readonly chart: string;
  /** For reports. */
  readonly runs: string;
  /** `<kind>/<name>` of the workload that it is in, as gates name it. */
  readonly workload: string;
  readonly image: PodImage;
  /** What the image is made from. */
  readonly artifact: Artifact;
}

export const standInPrograms: readonly StandInProgram[] = Object.freeze([
  {
    chart: 'vault',
    runs: `the real Vault ${vaultVersion}, minimal build`,
    workload: 'statefulset/vault',
    image: {
      repository: 'stand-in/vault',
      tag: vaultVersion,
      files: { 'usr/local/bin/vault': ['vault', 'vault'] },
      entrypoint: ['vault'],
      user: '100:1000',
    },
    artifact: vaultArtifact,
  },
]);

/** Those of the programs that belong to one of the charts. */
export const programsOf = (charts: readonly string[]): readonly StandInProgram[] =>
  standInPrograms.filter(({ chart }) => charts.includes(chart));

/** The image's name as pods say it. */
export const programImage = ({ image }: StandInProgram): string => `flotilla.internal/${image.repository}:${image.tag}`;

const imagesId = 'program-pod-images';

/** What offline makes for a fleet whose stand-ins run these programs: their images as well, and a registry that has them. */
export function withPrograms(artifacts: readonly Artifact[], programs: readonly StandInProgram[]): readonly Artifact[] {
  if (programs.length === 0) return artifacts;
  const made = programs.map(({ artifact }) => artifact);
  const images = podImagesArtifact(
    imagesId,
    programs.map(({ image }) => image),
    [...made.map(({ id }) => id), 'node-image'],
  );
  const place = artifacts.findIndex(({ id }) => id === 'registry-store');
  const registry = artifacts[place]!;
  return [
    ...artifacts.slice(0, place),
    ...made,
    images,
    { ...registry, needs: [...registry.needs, imagesId] },
    ...artifacts.slice(place + 1),
  ];
}
