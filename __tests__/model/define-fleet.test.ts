import { defaultKubernetesMinor } from '../../config/kubernetes-versions';
import { FleetError } from '../../config/problem';
import { defineFleet } from '../../model/define-fleet';

const node = (name: string) => ({ name, role: 'control-plane', memoryMiB: 4096 }) as const;
const demo = {
  name: 'demo',
  provider: 'nspawn',
  budget: { memoryMiB: 16384, overcommit: true },
  clusters: [
    { name: 'mgmt', id: 1, role: 'hub', nodes: [node('mgmt-cp')] },
    { name: 'app', id: 2, role: 'agent', nodes: [node('app-cp')] },
  ],
} as const;
type Input = Parameters<typeof defineFleet>[0];
const input = (more: object = {}): Input => structuredClone({ ...demo, ...more }) as unknown as Input;

// nspawn cannot run Envoy, and so no Gateway.
const components = { add: ['bridge-cni'], remove: ['cilium', 'gateway', 'gateway-certificate', 'metallb-pools'] };
const clusters = demo.clusters.map((cluster) => ({ ...cluster, components }));

test('a typed object is resolved like a fleet file: defaults, addresses, components of the roles', () => {
  const fleet = defineFleet(input({ clusters }));
  expect(fleet.kubernetesVersion.startsWith(`${defaultKubernetesMinor}.`)).toBe(true);
  expect(fleet.clusters.map(({ nodes }) => nodes[0]!.address)).toEqual(['10.77.0.11', '10.77.0.12']);
  expect(fleet.clusters[1]!.components.map(({ id }) => id)).toContain('otel-collector');
  expect(fleet.uid).toMatch(/^[0-9a-f]{6}$/);
  expect(defineFleet(input({ clusters, name: 'other' })).uid).not.toBe(fleet.uid);
});

test('everything that is wrong is reported at once', () => {
  const wrong = () =>
    defineFleet(
      input({
        clusters: [
          { ...demo.clusters[0], id: 300 },
          { ...demo.clusters[1], podCidr: 'banana' },
        ],
      }),
    );
  expect(wrong).toThrow(FleetError);
  expect(wrong).not.toThrow('line 1');
  expect(wrong).toThrow(/clusters\[0\]\.id[\s\S]*clusters\[1\]\.podCidr/);
});
