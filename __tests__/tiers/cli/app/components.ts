import { defineComponent } from 'flotilla';

/** Runs on the hub; other clusters call it as cache-fleet.cache.svc:6379. */
export const cache = defineComponent({
  id: 'cache',
  summary: 'What all clusters remember together',
  roles: ['hub'],
  namespace: { name: 'cache', podSecurity: 'restricted', limits: { default: { memory: '64Mi' } }, quota: { pods: '4' } },
  chart: { repository: 'https://charts.invalid', name: 'cache', version: '1.2.3' },
  requires: ['cni', 'storage'],
  serves: [{ name: 'cache-fleet', port: 6379, selector: { app: 'cache' } }],
  requests: { hub: { cpuMillicores: 10, memoryMiB: 64, storageGiB: 1 } },
  secrets: [{ name: 'cache-login', keys: { password: '{cache-password}' } }],
  timeoutSeconds: 120,
  values: ({ cluster }) => ({ title: cluster.name, existingSecret: 'cache-login' }),
  ready: [{ kind: 'rollout', namespace: 'cache', resource: 'statefulset/cache' }],
});

/** Runs on agents, which come up without their hub: `reaches` is a way there, and no order. */
export const cart = defineComponent({
  id: 'cart',
  summary: 'What somebody is about to buy',
  roles: ['agent'],
  namespace: { name: 'cart', podSecurity: 'restricted' },
  requires: ['cni'],
  reaches: [cache],
  traffic: { fromAnywhere: [8080] },
  requests: { agent: { cpuMillicores: 10, memoryMiB: 16 } },
  resources: ({ cluster }) => [
    { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'cart' }, data: { of: cluster.name, cache: 'cache-fleet.cache.svc:6379' } },
  ],
});
