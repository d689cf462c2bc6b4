/** What the offline phase makes, by version. The go.mod files in artifacts/sources pin the same versions for the compiler. */
export const versions = Object.freeze({
  kubernetes: 'v1.35.4',
  etcd: '3.6.6-0',
  coredns: 'v1.13.1',
  pause: '3.10.1',
  metricsServer: 'v0.9.0',
  localPath: 'v0.0.37',
  /** Debian's busybox-static; the script refuses another. */
  busybox: '1.35.0',
  bridgeCni: '1',
});

/** The version under which the mirror offers each provider; mirror.json tells the commit that it was built from. */
export const providerVersions = Object.freeze({ helm: '3.1.2', kubernetes: '3.1.0', local: '2.6.1', null: '3.2.4' });

/** Ranges that stacks/ states too: what the official registry serves within them is taken once and then kept. */
export const providerRanges = Object.freeze({ helm: '>= 3.1, < 4', kubernetes: '>= 2.38, < 4', local: '>= 2.5, < 3', null: '>= 3.2, < 4' });

/** Real charts that the offline phase has; every other one is a stand-in there. */
export const stagedCharts: Readonly<Record<string, string>> = Object.freeze({
  'metrics-server': '3.13.1',
  'local-path-provisioner': '0.0.37',
});

/** Official programs for the host and for the node image, beside Kubernetes itself. */
export const officialVersions = Object.freeze({ cniPlugins: 'v1.7.1', registry: '3.0.0' });
