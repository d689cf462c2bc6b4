import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { artifacts } from '../../artifacts/artifacts';
import { artifactKeys } from '../../artifacts/keys';
import { programImage, standInPrograms, withPrograms } from '../../artifacts/stub-programs';
import { offlinePlan, type PreparationPlan, wantedArtifacts } from '../../artifacts/wanted';

const root = resolve(__dirname, '../..');
const charts = standInPrograms.map(({ chart }) => chart);
const made = (plan: Partial<PreparationPlan>) => wantedArtifacts({ ...offlinePlan, ...plan }).artifacts;
const ids = (plan: Partial<PreparationPlan>): readonly string[] => made(plan).map(({ id }) => id);

/** Programs of a fleet that has a stand-in for each of their charts, and whose image no pod would find. */
const unserved = (list: typeof artifacts): readonly string[] => {
  const served = list.find(({ id }) => id === 'registry-store')!.needs.flatMap((need) => list.find(({ id }) => id === need) ?? []);
  const images = served.flatMap(({ settings }) => (settings as { images?: { repository: string }[] } | undefined)?.images ?? []);
  return standInPrograms.filter(({ image }) => !images.some(({ repository }) => repository === image.repository)).map(({ chart }) => chart);
};

test('a fleet without their charts, or with images of others, makes none of them', () => {
  const own = standInPrograms.map(({ artifact }) => artifact.id);
  for (const plan of [{}, { standIns: ['loki'] }, { standIns: charts, choice: { ...offlinePlan.choice, images: 'official' as const } }])
    expect(ids(plan).filter((id) => own.includes(id) || id.startsWith('program-'))).toEqual([]);
  expect(made({})).toEqual(made({ standIns: ['loki'] }));
});

test('a fleet with them has their images in its registry, and shares everything else with those that have none', () => {
  const list = made({ standIns: charts });
  expect(unserved(list)).toEqual([]);
  const [with_, without] = [list, made({})].map((some) => artifactKeys(root, some));
  const others = [...without!.keys()].filter((id) => with_!.get(id) !== without!.get(id));
  expect(others).toEqual(['registry-store']);
});

test('sabotage: a registry that knows nothing of them is found', () => {
  const list = made({ standIns: charts });
  const forgetful = list.map((one) => ({ ...one, needs: one.needs.filter((need) => need !== 'program-pod-images') }));
  expect(unserved(forgetful)).toEqual(charts);
  expect(withPrograms(artifacts, [])).toBe(artifacts);
});

test.each(standInPrograms.map((program) => [program.chart, program] as const))(
  '%s: its template is there, its image is made of its artifact alone and is not taken for the official one',
  (chart, program) => {
    expect(existsSync(join(root, 'artifacts/stub-programs', `${chart}.yaml`))).toBe(true);
    expect(Object.values(program.image.files).map(([artifact]) => artifact)).toEqual([program.artifact.id]);
    expect(programImage(program)).toMatch(/^flotilla\.internal\/stand-in\//);
    expect(program.runs).toMatch(/^the real /);
  },
);
