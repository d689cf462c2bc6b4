import { defineComponent } from '../define';

const nodePort = 30900;

export const jenkins = defineComponent({
  id: 'jenkins',
  summary: `Builds, in pods that live as long as the build; on port ${nodePort} of every node`,
  roles: [],
  namespace: { name: 'jenkins', podSecurity: 'baseline' },
  insteadOf: {
    what: 'the password admin (seed 000)',
    because: 'one is made up for each deployment: secrets/random/jenkins-admin in its folder',
  },
  chart: { repository: 'https://charts.jenkins.io', name: 'jenkins', version: '5.9.53' },
  requires: ['cni', 'storage'],
  traffic: { fromAnywhere: [8080], toAnywhere: 'all' },
  requests: {
    hub: { cpuMillicores: 60, memoryMiB: 576, storageGiB: 3 },
    standalone: { cpuMillicores: 60, memoryMiB: 576, storageGiB: 3 },
  },
  secrets: [{ name: 'jenkins-admin', keys: { 'jenkins-admin-user': 'admin', 'jenkins-admin-password': '{jenkins-admin}' } }],
  // It fetches its plugins at the first start.
  timeoutSeconds: 900,
  // Jenkins puts this URL into mails and webhooks. Nodes and pods resolve the name, and the port is open on every node.
  values: ({ cluster }) => ({ controller: { nodePort, jenkinsUrl: `http://${cluster.api.name}:${nodePort}/` } }),
  ready: [{ kind: 'rollout', namespace: 'jenkins', resource: 'statefulset/jenkins' }],
  checks: [
    {
      description: 'Jenkins answers',
      command: ['kubectl', '-n', 'jenkins', 'rollout', 'status', 'statefulset/jenkins', '--timeout=5s'],
      hint: 'kubectl -n jenkins logs statefulset/jenkins -c init: plugins that do not fit each other stop it',
    },
  ],
});
