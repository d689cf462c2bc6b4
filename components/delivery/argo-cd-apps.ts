import { defineComponent } from '../define';
import { appRepository } from './app-repository';
import { argoCd } from './argo-cd';

export const argoCdApps = defineComponent({
  id: 'argo-cd-apps',
  summary: 'The one application that brings all others, from the repository inside Argo CD or from one that the fleet names',
  roles: [],
  namespace: { name: 'argocd', podSecurity: 'baseline' },
  chart: { repository: 'https://argoproj.github.io/argo-helm', name: 'argocd-apps', version: '2.0.5' },
  requires: [argoCd, appRepository],
  timeoutSeconds: 60,
  checks: [
    {
      description: 'the application of applications is in step with its repository',
      command: ['kubectl', '-n', 'argocd', 'wait', 'application/apps', '--for=jsonpath={.status.sync.status}=Synced', '--timeout=5s'],
      hint: 'kubectl -n argocd describe application apps; what the repository holds: kubectl -n argocd exec deployment/argo-cd-argocd-repo-server -- git --git-dir /repositories/apps log --stat',
    },
  ],
});
