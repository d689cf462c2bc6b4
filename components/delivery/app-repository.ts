import { createHash } from 'node:crypto';
import { type ComponentContext, defineComponent } from '../define';

const namespace = 'argocd';
const name = 'app-repository';
/** Below `components/files/app-repository/`, and by the same paths in the repository. */
const files = ['apps/page.yaml', 'page/page.yaml'] as const;
const program = 'components/files/app-repository.sh';
// Keys know no folders.
const keyOf = (path: string): string => path.replace('/', '.');

export const appRepository = defineComponent({
  id: name,
  summary:
    'A Git repository inside Argo CD, of files of this one: an application of applications without a Git server, pinned with the fleet',
  roles: [],
  namespace: { name: namespace, podSecurity: 'baseline' },
  insteadOf: {
    what: 'a repository on a Git server (seed 002, GitOps)',
    because:
      'nobody has one at first, and what others write must not change a cluster; a fleet names its own in the values of argo-cd-apps',
  },
  // Of its container in the pod of Argo CD.
  requests: { hub: { cpuMillicores: 5, memoryMiB: 16 }, standalone: { cpuMillicores: 5, memoryMiB: 16 } },
  timeoutSeconds: 60,
  resources: ({ file }) => [
    {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name, namespace },
      data: Object.fromEntries([
        ['app-repository.sh', file(program)],
        ...files.map((path) => [keyOf(path), file(`components/files/app-repository/${path}`)]),
      ]),
    },
  ],
  checks: [
    {
      description: 'the files of the repository are there',
      command: ['kubectl', '-n', namespace, 'get', 'configmap', name],
      hint: 'who makes a repository of them: kubectl -n argocd logs deployment/argo-cd-argocd-repo-server -c app-repository',
    },
  ],
});

/** What Argo CD's server of repositories gets beside it: a container that commits what the files say, into a folder that both see. */
export function repositoryServer({ file }: ComponentContext) {
  return {
    // An edited file gets there by itself, an edited program by a new pod.
    podAnnotations: { 'flotilla.internal/programs-sha256': createHash('sha256').update(file(program)).digest('hex') },
    volumes: [
      { name: 'repositories', emptyDir: { sizeLimit: '64Mi' } },
      { name: 'repository-files', configMap: { name, items: files.map((path) => ({ key: keyOf(path), path })) } },
      { name: 'repository-program', configMap: { name, items: [{ key: 'app-repository.sh', path: 'app-repository.sh' }] } },
      { name: 'repository-scratch', emptyDir: { sizeLimit: '64Mi' } },
    ],
    volumeMounts: [{ name: 'repositories', mountPath: '/repositories', readOnly: true }],
    extraContainers: [container],
  };
}

const container = {
  name,
  // Of the chart: it has git, and the user whom git lets read what the other container wrote.
  image: '{{ .Values.global.image.repository }}:{{ include "argo-cd.defaultTag" . }}',
  command: ['bash', '/program/app-repository.sh'],
  env: [
    { name: 'SOURCE', value: '/files' },
    { name: 'REPOSITORY', value: '/repositories/apps' },
    { name: 'TMPDIR', value: '/scratch' },
    { name: 'HOME', value: '/scratch' },
  ],
  securityContext: { runAsNonRoot: true, allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: ['ALL'] } },
  resources: { requests: { cpu: '5m', memory: '16Mi' }, limits: { memory: '64Mi' } },
  volumeMounts: [
    { name: 'repositories', mountPath: '/repositories' },
    { name: 'repository-files', mountPath: '/files', readOnly: true },
    { name: 'repository-program', mountPath: '/program', readOnly: true },
    { name: 'repository-scratch', mountPath: '/scratch' },
  ],
};
