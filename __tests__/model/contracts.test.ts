import { FleetError } from '../../config/problem';
import { fake, net, resolveWith } from './two-clusters';

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

  test('nobody asks for a certificate before its issuer is there', () => {
    const made = { ...real, requires: [] };
    expect(resolveWith([net, made, page(['issuer'])]).clusters).toHaveLength(2);
    expect(() => resolveWith([net, made, page([])])).toThrow(
      'certificate page of page in cluster "center" asks issuer real, which real may make later',
    );
    expect(() => resolveWith([net, made, page(['issuer'], 'other')])).toThrow('asks issuer other, which nobody makes');
  });
});
