import { FleetLab, raisesWhole } from '../../support/fleet-lab';

const lab = new FleetLab('kind');

raisesWhole(lab, () => {
  test('a namespace with limits has them, and they are not in the way', () => {
    const of = (kind: string, path: string): string =>
      lab.kubectl('kind', '-n', 'demo', 'get', kind, 'flotilla', `--output=jsonpath=${path}`);
    expect(of('limitrange', '{.spec.limits[0].default.memory}')).toBe('256Mi');
    expect(of('resourcequota', '{.status.hard.pods} {.status.used.pods}')).toMatch(/^60 [1-9]/);
  });
});
