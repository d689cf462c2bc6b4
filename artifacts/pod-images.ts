import { ownImages } from '../config/own-images';
import type { Artifact } from './artifact';
import { versions } from './versions';

/** One image of the offline registry: a single uncompressed layer. Nodes ask a mirror by path, so no registry's host is part of the name. */
export interface PodImage {
  readonly repository: string;
  readonly tag: string;
  /** Path in the image: artifact id and file. */
  readonly files: Readonly<Record<string, readonly [artifact: string, file: string]>>;
  /** Programs of the node image's Debian, copied with the libraries that they load. */
  readonly debianPrograms?: readonly string[];
  /** Files of the node image's Debian, by their path from the root. */
  readonly debianFiles?: readonly string[];
  /** True where busybox is in it: the static program and a link for each of its applets. */
  readonly busybox?: boolean;
  readonly entrypoint?: readonly string[];
  readonly command?: readonly string[];
  readonly user?: string;
  /** Set where what runs is another program. */
  readonly standInFor?: string;
}

function controlPlaneImage(name: string): PodImage {
  return { repository: name, tag: versions.kubernetes, files: { [`usr/local/bin/${name}`]: ['kubernetes', name] } };
}

/** Listens where the real one does and serves files; enough for what waits for it and for who calls it. */
function listener(repository: string, tag: string, port: number, folder = '/tmp'): PodImage {
  const command = ['httpd', '-f', '-p', String(port), '-h', folder];
  return { repository, tag, files: {}, busybox: true, command, standInFor: `${repository} ${tag}: busybox, which listens on its port` };
}

/** Whose images they are, where it is not Kubernetes' own registry. */
const registryOf: Readonly<Record<string, string>> = {
  'rancher/local-path-provisioner': 'docker.io',
  'library/busybox': 'docker.io',
  'bridge-cni': 'flotilla.internal',
};

export const podImages: readonly PodImage[] = Object.freeze([
  controlPlaneImage('kube-apiserver'),
  controlPlaneImage('kube-controller-manager'),
  controlPlaneImage('kube-scheduler'),
  {
    ...controlPlaneImage('kube-proxy'),
    debianPrograms: ['sh', 'nft', 'conntrack'],
    // Without it nft lists "tcp" as 6: a kube-proxy that starts again takes its own rules for strangers and deletes them, and every service is dead.
    debianFiles: ['etc/protocols'],
  },
  {
    repository: 'etcd',
    tag: versions.etcd,
    files: {
      'usr/local/bin/etcd': ['etcd', 'etcd'],
      'usr/local/bin/etcdctl': ['etcd', 'etcdctl'],
      'usr/local/bin/etcdutl': ['etcd', 'etcdutl'],
    },
  },
  { repository: 'coredns/coredns', tag: versions.coredns, files: { coredns: ['coredns', 'coredns'] }, entrypoint: ['/coredns'] },
  { repository: 'pause', tag: versions.pause, files: { pause: ['pause', 'pause'] }, entrypoint: ['/pause'], user: '65535:65535' },
  {
    repository: 'metrics-server/metrics-server',
    tag: versions.metricsServer,
    files: { 'metrics-server': ['metrics-server', 'metrics-server'] },
    entrypoint: ['/metrics-server'],
    user: '65534:65534',
  },
  {
    repository: 'rancher/local-path-provisioner',
    tag: versions.localPath,
    files: { 'usr/local/bin/local-path-provisioner': ['local-path', 'local-path-provisioner'] },
    entrypoint: ['local-path-provisioner'],
  },
  { repository: 'library/busybox', tag: versions.busybox, files: {}, busybox: true, command: ['sh'] },
  {
    repository: 'bridge-cni',
    tag: versions.bridgeCni,
    files: { 'usr/local/bin/kubectl': ['kubernetes', 'kubectl'] },
    debianPrograms: ownImages[0]!.programs,
    command: ['bash'],
  },
  listener('nginxinc/nginx-unprivileged', '1.29-alpine', 8080, '/usr/share/nginx/html'),
  listener('mccutchen/go-httpbin', 'v2.15.0', 8080),
  listener('library/redis', '7.4-alpine', 6379),
]);

/** What makes images. @param needs artifacts that their files come from, and the node image */
export const podImagesArtifact = (id: string, images: readonly PodImage[], needs: readonly string[]): Artifact => ({
  id,
  summary: images.length === 1 ? `the pod image ${images[0]!.repository}` : `${images.length} pod images`,
  script: 'artifacts/build/pod-images.sh',
  inputs: ['artifacts/build/oci-layout.sh', 'artifacts/build/image-tree.sh'],
  needs,
  settings: { images, busybox: versions.busybox },
  estimateSeconds: 30,
  remedy: 'install the Debian package busybox-static; a program that the node image lacks goes into its package list',
});

/** The names by which pods ask for the images that each machine has from the start; everything else comes from the registry. */
export const preloadedNames: readonly string[] = Object.freeze(
  podImages
    .filter(({ standInFor }) => standInFor === undefined)
    .map(({ repository }) => `${registryOf[repository] ?? 'registry.k8s.io'}/${repository}`),
);
