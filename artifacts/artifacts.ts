import type { Artifact } from './artifact';
import { goArtifacts } from './go-programs';
import { podImages, podImagesArtifact, preloadedNames } from './pod-images';
import { providerVersions } from './versions';

const providers = Object.entries(providerVersions).map(([type, version]) => ({ type, version, artifact: `provider-${type}` }));

/** All that replaces a download. A new artifact goes after what it needs; the work is begun in this order. */
export const artifacts: readonly Artifact[] = Object.freeze([
  ...goArtifacts,
  {
    id: 'pause',
    summary: 'the pause program (a stand-in)',
    script: 'artifacts/build/pause.sh',
    inputs: ['artifacts/sources/pause'],
    needs: [],
    estimateSeconds: 1,
    remedy: 'install the Debian packages gcc and libc6-dev',
    standInFor: 'the upstream pause image: the same duty in twenty lines of C',
  },
  {
    id: 'host-tools',
    summary: 'the programs that Flotilla itself calls: kubectl, crane, registry, etcdctl',
    script: 'artifacts/build/host-tools.sh',
    inputs: [],
    needs: ['kubernetes', 'crane', 'registry', 'etcd'],
    settings: { tools: { kubectl: 'kubernetes', crane: 'crane', registry: 'registry', etcdctl: 'etcd' } },
    estimateSeconds: 1,
    remedy: 'read the log',
    usedInPlace: true,
  },
  {
    id: 'node-image',
    summary: 'the node image: Debian 12 with containerd, kubeadm, kubelet and CNI plugins',
    script: 'artifacts/build/node-image.sh',
    inputs: ['artifacts/node-image'],
    needs: ['kubernetes', 'cni-plugins', 'etcd'],
    estimateSeconds: 164,
    remedy: 'see whether the Debian mirror answers (`apt-get update`) and whether this runs as root with mmdebstrap installed',
    usedInPlace: true,
  },
  podImagesArtifact('pod-images', podImages, ['kubernetes', 'etcd', 'coredns', 'pause', 'metrics-server', 'local-path', 'node-image']),
  {
    id: 'preloaded-images',
    summary: 'the pod images as containerd keeps them, for machines to start from',
    script: 'artifacts/build/preloaded-images.sh',
    inputs: [],
    needs: ['node-image', 'pod-images'],
    settings: { names: preloadedNames },
    estimateSeconds: 40,
    remedy: 'read the log; it starts the containerd of the node image in a throw-away systemd-nspawn container, as root',
    usedInPlace: true,
  },
  {
    id: 'registry-store',
    summary: 'the registry, filled with the pod images',
    script: 'artifacts/build/registry-store.sh',
    inputs: [],
    needs: ['registry', 'crane', 'pod-images'],
    estimateSeconds: 5,
    remedy: 'read the log; the registry needs one free port on the loopback address',
    usedInPlace: true,
  },
  {
    id: 'provider-mirror',
    summary: 'the mirror that `terraform init` takes providers from',
    script: 'artifacts/build/provider-mirror.sh',
    inputs: [],
    needs: providers.map(({ artifact }) => artifact),
    settings: { providers, standIns: ['null'] },
    usesGo: true,
    estimateSeconds: 2,
    remedy: 'see whether `terraform version` and `go version` answer',
    usedInPlace: true,
  },
  {
    id: 'chart-mirror',
    summary: 'the charts that Go modules carry: metrics-server, local-path-provisioner',
    script: 'artifacts/build/chart-mirror.sh',
    inputs: ['artifacts/sources/metrics-server', 'artifacts/sources/local-path'],
    // The builds have fetched the modules that the charts lie in.
    needs: ['metrics-server', 'local-path'],
    settings: {
      charts: [
        { source: 'artifacts/sources/metrics-server', module: 'sigs.k8s.io/metrics-server', path: 'charts/metrics-server' },
        {
          source: 'artifacts/sources/local-path',
          module: 'github.com/rancher/local-path-provisioner',
          path: 'deploy/chart/local-path-provisioner',
        },
      ],
    },
    usesGo: true,
    estimateSeconds: 1,
    remedy: 'see whether the Go module proxy answers (`go env GOPROXY`)',
    usedInPlace: true,
  },
]);
