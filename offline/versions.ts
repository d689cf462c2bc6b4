/** What the offline phase makes, by version. The go.mod files in offline/sources pin the same versions for the compiler. */
export const versions = Object.freeze({
  kubernetes: 'v1.35.4',
  etcd: '3.6.6-0',
  coredns: 'v1.13.1',
  pause: '3.10.1',
  metricsServer: 'v0.9.0',
  localPath: 'v0.0.30',
  /** Debian's busybox-static; the script refuses another. */
  busybox: '1.35.0',
  bridgeCni: '1',
});

/** The version under which the mirror offers each provider; mirror.json tells the commit that it was built from. */
export const providerVersions = Object.freeze({ helm: '3.1.2', kubernetes: '3.1.0', local: '2.6.1', null: '3.2.4' });
