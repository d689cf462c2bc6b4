import { argoCd } from './argo-cd';
import { defineComponent } from './define';

export const argoCdApps = defineComponent({
  id: 'argo-cd-apps',
  summary: 'The one application that brings all others: a fleet names its own repository in the values',
  roles: [],
  namespace: { name: 'argocd', podSecurity: 'baseline' },
  chart: { repository: 'https://argoproj.github.io/argo-helm', name: 'argocd-apps', version: '2.0.5' },
  requires: [argoCd],
  timeoutSeconds: 60,
  checks: [
    {
      description: 'the application of applications is in step with its repository',
      command: ['kubectl', '-n', 'argocd', 'wait', 'application/apps', '--for=jsonpath={.status.sync.status}=Synced', '--timeout=5s'],
      hint: 'kubectl -n argocd describe application apps; it wants to reach the repository',
    },
  ],
});
