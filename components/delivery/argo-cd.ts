import { type ComponentContext, defineComponent } from '../define';
import { gateway, routeTo } from '../network/gateway';
import { appRepository, repositoryServer } from './app-repository';

export const argoCd = defineComponent({
  id: 'argo-cd',
  summary: 'Keeps clusters as their Git repositories say; on port 30800 of every node',
  roles: ['hub'],
  namespace: { name: 'argocd', podSecurity: 'baseline' },
  insteadOf: {
    what: 'Argo CD in Docker beside the clusters (seed 003, 8)',
    because: 'it is part of the platform and of its backups; seed 004 has it in the cluster too',
  },
  chart: { repository: 'https://argoproj.github.io/argo-helm', name: 'argo-cd', version: '10.1.1' },
  requires: ['cni', 'load-balancer'],
  after: [gateway, appRepository],
  traffic: { fromAnywhere: [8080], toAnywhere: [22, 443, 6443] },
  crds: ['applications.argoproj.io', 'applicationsets.argoproj.io', 'appprojects.argoproj.io'],
  requests: {
    hub: { cpuMillicores: 80, memoryMiB: 448 },
    standalone: { cpuMillicores: 80, memoryMiB: 448 },
  },
  timeoutSeconds: 600,
  values: settings,
  links: [{ id: 'cluster', script: 'host/argo-cd-cluster.sh', input: { server: '{api}', labels: { 'flotilla.dev/role': 'agent' } } }],
  // Its applications are looked at by these two.
  ready: [
    { kind: 'rollout', namespace: 'argocd', resource: 'deployment/argo-cd-argocd-server' },
    { kind: 'rollout', namespace: 'argocd', resource: 'statefulset/argo-cd-argocd-application-controller' },
  ],
  checks: [
    {
      description: 'Argo CD answers',
      command: ['kubectl', '-n', 'argocd', 'rollout', 'status', 'deployment/argo-cd-argocd-server', '--timeout=5s'],
      hint: "kubectl -n argocd describe pod; the first password of admin: kubectl -n argocd get secret argocd-initial-admin-secret -o jsonpath='{.data.password}' | base64 -d",
    },
    {
      description: 'Argo CD reaches {peer}, which it manages',
      command: ['bash', 'scripts/host/argo-cd-reach.sh', '{peer}', '{peerApi}'],
      hint: 'kubectl -n argocd get secret cluster-{peer}; kubectl -n argocd logs statefulset/argo-cd-argocd-application-controller',
    },
  ],
});

const host = 'argo-cd';

/** Base URL of links. Empty without a gateway: Argo CD then uses the host of the browser's request, an address of any node. */
function urlOf(context: ComponentContext): string {
  if (!context.has(gateway)) return '';
  const [hostname] = routeTo(host, context).hostnames;
  return `${context.has('issuer') ? 'https' : 'http'}://${hostname}`;
}

function settings(context: ComponentContext) {
  return {
    configs: { cm: { url: urlOf(context) } },
    ...(context.has(gateway) ? { server: { httproute: routeTo(host, context) } } : {}),
    ...(context.has(appRepository) ? { repoServer: repositoryServer(context) } : {}),
  };
}
