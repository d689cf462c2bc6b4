import { catalog } from '../../components';
import { type Component, type ComponentContext, defineComponent } from '../../components/define';
import { externalSecrets } from '../../components/pki/external-secrets';
import { FleetError } from '../../config/problem';
import { objectsOf } from '../../model/contracts/objects';
import { type Json, load, resolveFresh } from '../support/fleet-fixture';
import { fake, net, resolveWith } from '../support/two-clusters';

const external = (more: object) => ({
  apiVersion: 'external-secrets.io/v1',
  kind: 'ExternalSecret',
  metadata: { name: 'login', namespace: 'app' },
  ...more,
});
const copies = (spec: object) => fake('app', { resources: () => [external({ spec })] });

describe('what External Secrets copies (C3)', () => {
  test.each([
    ['goes when its source goes', { refreshInterval: '1h', target: { deletionPolicy: 'Delete' } }, 'deletionPolicy Delete'],
    ['is looked at too seldom', { refreshInterval: '24h' }, 'is looked at every 24 hours'],
    ['is looked at too seldom, in minutes', { refreshInterval: '1h30m' }, 'is looked at every 1.5 hours'],
    ['is looked at only once', { refreshInterval: '0' }, 'is looked at only once'],
  ])('is refused when it %s', (_, spec, words) => {
    expect(() => resolveWith([net, copies(spec)])).toThrow(FleetError);
    expect(() => resolveWith([net, copies(spec)])).toThrow(words);
  });

  test('is accepted when it is kept and looked at in time, also by default', () => {
    for (const spec of [{}, { refreshInterval: '15m', target: { deletionPolicy: 'Retain' } }, { refreshInterval: '1h' }])
      expect(resolveWith([net, copies(spec)]).clusters).toHaveLength(2);
  });
});

describe('the fleet trio', () => {
  const trio = (components: readonly Component[]) => resolveFresh(load('trio'), { catalog: components });
  const copied = (role: string) =>
    trio(catalog)
      .clusters.filter((cluster) => cluster.role === role)
      .flatMap(({ components }) =>
        components.flatMap((one) => objectsOf(one, 'ExternalSecret').map(({ metadata }) => `${one.id}: ${metadata.name}`)),
      );

  test('has copies on the hub, and none on its agents yet: there the contracts guard what people bring (docs/contract-table.ts says so)', () => {
    expect(copied('hub')).toEqual(['k8sgpt-analyzer: k8sgpt-api-keys', 'keycloak: keycloak-admin']);
    expect(copied('agent')).toEqual([]);
  });

  test('is refused when a copy that it has is not kept, or grows old', () => {
    const changed = (change: (spec: Json) => Json): readonly Component[] =>
      catalog.map((one) => {
        const copies = (context: ComponentContext): Json[] =>
          one.resources!(context).map((object) => ({ ...object, spec: change(object.spec) }));
        return one.id === 'keycloak' ? { ...one, resources: copies } : one;
      });
    const target = (deletionPolicy: string) => (spec: Json) => ({ ...spec, target: { ...spec.target, deletionPolicy } });
    expect(() => trio(changed(target('Delete')))).toThrow('what ExternalSecret keycloak-admin of keycloak in cluster "mgmt" copies goes');
    expect(() => trio(changed((spec) => ({ ...spec, refreshInterval: '2h' })))).toThrow('is looked at every 2 hours');
    expect(trio(changed(target('Retain'))).clusters).toHaveLength(3);
  });

  /** As somebody from outside would write it: a till that reads its password from Vault by way of External Secrets. */
  const till = (more: Partial<Component> = {}, target: object = {}) =>
    defineComponent({
      id: 'till',
      summary: 'Where people pay',
      roles: ['agent'],
      namespace: { name: 'till', podSecurity: 'restricted' },
      requires: [externalSecrets],
      requests: { agent: { cpuMillicores: 10, memoryMiB: 16 } },
      resources: ({ cluster }) => [
        {
          apiVersion: 'external-secrets.io/v1',
          kind: 'ExternalSecret',
          metadata: { name: 'till-login', namespace: 'till' },
          spec: {
            refreshInterval: '1h',
            secretStoreRef: { kind: 'ClusterSecretStore', name: 'vault' },
            target: { name: 'till-login', deletionPolicy: 'Retain', ...target },
            data: [{ secretKey: 'password', remoteRef: { key: `${cluster.name}/till`, property: 'value' } }],
          },
        },
        {
          apiVersion: 'apps/v1',
          kind: 'Deployment',
          metadata: { name: 'till', namespace: 'till' },
          spec: { template: { spec: { containers: [{ name: 'till', envFrom: [{ secretRef: { name: 'till-login' } }] }] } } },
        },
      ],
      ...more,
    });

  test('with a component from outside: what it mounts has to be there without the hub (C1), and to stay (C3)', () => {
    expect(() => trio([...catalog, till()])).toThrow('till of agent "app1" mounts the Secret till/till-login');
    const secrets = [{ name: 'till-login', keys: { password: '{till-login}' } }];
    expect(trio([...catalog, till({ secrets })]).clusters).toHaveLength(3);
    expect(() => trio([...catalog, till({ secrets }, { deletionPolicy: 'Merge' })])).toThrow(
      'ExternalSecret till-login of till in cluster "app1"',
    );
  });
});

const issuer = (name: string, spec: object) => ({ apiVersion: 'cert-manager.io/v1', kind: 'ClusterIssuer', metadata: { name }, spec });
const certificate = (name: string) => ({
  apiVersion: 'cert-manager.io/v1',
  kind: 'Certificate',
  metadata: { name: 'page', namespace: 'page' },
  spec: { issuerRef: { name } },
});

describe('certificates come in two phases (C5)', () => {
  const first = fake('first', { resources: () => [issuer('bootstrap', { selfSigned: {} })] });
  const real = fake('real', { provides: ['issuer'], requires: [first], resources: () => [issuer('real', { vault: {} })] });
  const page = (requires: [typeof real] | ['issuer'] | [], wanted = 'real') =>
    fake('page', { requires, resources: () => [certificate(wanted)] });

  test('the issuer that vouches for itself is gone where there is a real one', () => {
    expect(() => resolveWith([net, first, real])).toThrow('issuer bootstrap of first vouches for itself, although cluster "center"');
    const polite = {
      ...first,
      resources: ({ has }: { has: (slot: 'issuer') => boolean }) => (has('issuer') ? [] : [issuer('bootstrap', { selfSigned: {} })]),
    };
    expect(resolveWith([net, polite, { ...real, requires: [polite] }]).clusters).toHaveLength(2);
    expect(resolveWith([net, polite]).clusters[0]!.components.find(({ id }) => id === 'first')!.resources).toHaveLength(1);
  });

  test('an issuer that a script creates is deleted by a later one', () => {
    const step = (script: string, issuer = 'bootstrap') => ({
      steps: [{ id: 'phase', script: `host/pki-phase-${script}.sh`, input: { issuer } }],
    });
    const begin = fake('begin', step('1'));
    const ending = (issuer?: string, requires: [typeof begin] | [] = [begin]) => fake('ending', { requires, ...step('2', issuer) });
    expect(resolveWith([net, begin, ending()]).clusters).toHaveLength(2);
    const words = 'begin creates the self-signed issuer bootstrap in cluster "center", and no later step deletes it';
    for (const broken of [[], [ending('another')], [ending('bootstrap', [])]])
      expect(() => resolveWith([net, begin, ...broken])).toThrow(words);
  });

  test('the hub of trio has both phases in their order, and is refused when the second one lost its step', () => {
    const trio = (components: readonly Component[]) => resolveFresh(load('trio'), { catalog: components });
    const steps = trio(catalog).clusters.flatMap(({ name, components }) =>
      components.flatMap(({ id, steps: of }) =>
        of.filter(({ script }) => script.includes('pki-phase')).map(({ id: step }) => `${name} ${id} ${step}`),
      ),
    );
    expect(steps).toEqual(['mgmt pki-bootstrap phase-1', 'mgmt vault-issuer phase-2']);
    const mutated = catalog.map((one) => (one.id === 'vault-issuer' ? { ...one, steps: [] } : one));
    expect(() => trio(mutated)).toThrow('pki-bootstrap creates the self-signed issuer selfsigned-bootstrap in cluster "mgmt"');
  });

  test('a hub without Vault has neither phase: the issuer of cert-manager stays, and nothing guards it', () => {
    const fleet = load('trio');
    const gone = ['vault', 'vault-issuer', 'gateway-certificate', 'external-secrets-store', 'keycloak', 'k8sgpt-analyzer', 'k8sgpt'];
    const mgmt = resolveFresh(fleet, { catalog: catalog.filter(({ id }) => !gone.includes(id)) }).clusters[0]!;
    const of = (id: string) => mgmt.components.find((one) => one.id === id)!;
    expect([of('pki-bootstrap').steps, of('pki-bootstrap').resources]).toEqual([[], []]);
    expect(of('cert-manager').resources.map(({ metadata }) => metadata.name)).toEqual(['selfsigned-bootstrap']);
  });

  test('nobody asks for a certificate before its issuer is there', () => {
    const made = { ...real, requires: [] };
    expect(resolveWith([net, made, page(['issuer'])]).clusters).toHaveLength(2);
    expect(() => resolveWith([net, made, page([])])).toThrow(
      'certificate page of page in cluster "center" asks issuer real, which real may make later',
    );
    expect(() => resolveWith([net, made, page(['issuer'], 'other')])).toThrow('asks issuer other, which nobody makes');
  });
});
