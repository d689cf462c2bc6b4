import { mkdtempSync, readdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Change, FleetLab, raisesWhole } from '../../support/fleet-lab';
import { eventually } from '../../support/lab-command';

const lab = new FleetLab('trio');

const withoutVpa: Change = (of) => {
  const app2 = of('app2');
  app2.remove = [...(app2.remove ?? []), 'vpa', 'goldilocks'];
};

/** A definition that a release brings too, made by somebody else: Helm refuses to take it over. */
const stranger = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: {
    name: 'verticalpodautoscalers.autoscaling.k8s.io',
    annotations: { 'api-approved.kubernetes.io': 'unapproved, a test' },
  },
  spec: {
    group: 'autoscaling.k8s.io',
    scope: 'Namespaced',
    names: { plural: 'verticalpodautoscalers', singular: 'verticalpodautoscaler', kind: 'VerticalPodAutoscaler' },
    versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: { type: 'object' } } }],
  },
};

raisesWhole(lab, () => {
  test('a component that is taken out of the file goes, and nothing else is touched', async () => {
    const before = lab.allReleases();
    expect((await lab.run('up', lab.file(withoutVpa))).code).toBe(0);
    const expected = Object.fromEntries(Object.entries(before).filter(([name]) => !/^app2: (vpa|goldilocks)\//.test(name)));
    expect(Object.keys(expected).length).toBeLessThan(Object.keys(before).length);
    // Its namespaces went, and with them their policies, which one release holds.
    expect(lab.allReleases()).toEqual({ ...expected, 'app2: kube-system/default-deny': 2 });
    expect(lab.kubectl('app2', 'get', 'namespaces', '--output=name')).not.toMatch(/namespace\/(vpa|goldilocks)\n/);
  });

  test('a release that fails stops only what needs it, while one changed value changes one release elsewhere', async () => {
    const before = lab.allReleases();
    const file = join(mkdtempSync(join(tmpdir(), 'flotilla-')), 'stranger.json');
    writeFileSync(file, JSON.stringify(stranger));
    lab.kubectl('app2', 'create', '--filename', file);
    const changed = lab.file((of) => {
      of('app1').values = { 'kube-prometheus-stack': { 'flotilla-test': 1 } };
    });
    const { code, output } = await lab.run('up', changed);
    expect(code).toBe(1);
    expect(output).toMatch(/helm_release\.vpa/);
    const after = lab.allReleases();
    const differing = Object.keys({ ...before, ...after }).filter((name) => before[name] !== after[name] && !name.endsWith('/vpa'));
    expect(differing).toEqual(['app1: monitoring/kube-prometheus-stack']);
    expect(lab.releases('app2').has('goldilocks/goldilocks')).toBe(false);
    // The hindrance taken away, the same command comes to its end.
    lab.kubectl('app2', 'delete', '--filename', file, '--wait');
    expect((await lab.run('up', changed)).code).toBe(0);
    expect(lab.releases('app2').get('goldilocks/goldilocks')?.status).toBe('deployed');
    expect((await lab.run('up', changed)).output).toContain('nothing to do');
  });

  test('an agent starts, and is installed anew, while its hub is away', async () => {
    const nodes = lab.nodesOf('app1');
    const boots = () => nodes.map((node) => lab.kubectl('app1', 'get', 'node', node, '--output=jsonpath={.status.nodeInfo.bootID}'));
    const [before, revisions] = [boots(), Object.keys(lab.allReleases())];
    for (const node of [...lab.nodesOf('mgmt'), ...nodes]) lab.cut(node);
    for (const node of nodes) lab.power(node);
    await eventually(240, () => (boots().every((boot, index) => boot !== before[index]) && lab.unready('app1').length === 0 ? true : null));

    // The twin: a pod whose Secret is not there does not start, and the question finds it.
    lab.kubectl('app1', '-n', 'velero', 'delete', 'secret/velero-s3', '--wait');
    lab.kubectl('app1', '-n', 'velero', 'delete', 'pods', '--all', '--wait');
    await expect(eventually(10, () => (lab.unready('app1').length === 0 ? true : null))).rejects.toThrow('no answer');
    expect(lab.unready('app1')).toEqual([expect.stringMatching(/^velero\/velero-/)]);

    // Everything but the pod network from nothing, Secrets too; Helm waits for every release.
    const state: { resources: { type: string; name: string }[] } = lab.read('state/app1-platform.tfstate');
    const anew = state.resources
      .filter(({ type, name }) => (type === 'helm_release' && name !== 'bridge-cni') || /^secrets-/.test(name))
      .map(({ type, name }) => `-replace=${type}.${name}`);
    expect(anew.length).toBeGreaterThan(20);
    const { code, output } = lab.terraform(
      'app1-platform',
      'apply',
      '-auto-approve',
      '-input=false',
      '-no-color',
      '-parallelism=32',
      ...anew,
    );
    expect([code, output]).toEqual([0, expect.stringMatching(/(\d+) added, 0 changed, \1 destroyed/)]);
    await eventually(60, () => (lab.unready('app1').length === 0 ? true : null));
    expect(() => lab.kubectl('mgmt', 'get', 'nodes')).toThrow();

    expect((await lab.run('up', lab.file())).code).toBe(0);
    expect(Object.keys(lab.allReleases())).toEqual(revisions);
    await eventually(120, async () => (/, 0 do not/.test((await lab.run('verify', lab.file())).output) ? true : null));
  });

  test('a Vault that lost its volume is set up again, for the other clusters too', async () => {
    const pod = (): string =>
      lab.kubectl('mgmt', '-n', 'vault', 'get', 'pod', 'vault-0', '--output=jsonpath={.metadata.uid} {.status.phase}');
    const [before] = pod().split(' ');
    lab.kubectl('mgmt', '-n', 'vault', 'delete', 'pvc/data-vault-0', 'pod/vault-0', '--wait=false');
    await eventually(120, () => (pod().startsWith(before!) || !pod().endsWith('Running') ? null : true));
    const { code, output } = await lab.run('up', lab.file());
    expect(code).toBe(0);
    for (const step of ['step-vault-init', 'step-vault-auth', 'access-app1-vault-auth', 'access-app2-vault-auth'])
      expect(output).toMatch(new RegExp(`✓ \\S+ +${step} `));
    expect(readdirSync(join(lab.folder, 'secrets', 'vault')).filter((name) => name.startsWith('mgmt.until-'))).toHaveLength(1);
    expect((await lab.run('verify', lab.file())).output).toMatch(/, 0 do not/);
  });
});
