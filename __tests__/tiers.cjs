/** Folders whose tests are a tier of their own, with how long one of them may take and how many run side by side. */
module.exports = {
  // Our scripts as processes, in sandboxes with stubs: a minute of starting bash and jq.
  scripts: { testTimeout: 180_000, maxWorkers: '100%' },
  // Fake machines under real Terraform: most of the time is spent waiting for it; every call of tart, four ways, is one test.
  faults: { testTimeout: 1_500_000, maxWorkers: 2 },
  // What installs packages of the outside world.
  cli: { testTimeout: 600_000, maxWorkers: 1 },
  // What the real Helm and kubeconform make of charts.
  charts: { testTimeout: 600_000, maxWorkers: 1 },
  // The real collectors, with the configurations that ours render.
  collectors: { testTimeout: 600_000, maxWorkers: 1 },
  // A real Vault per test, and an API server beside it.
  vault: { testTimeout: 300_000, maxWorkers: 1 },
  // Real machines, one step after the other; what comes after a failed step would only repeat it.
  // After a failing one machines may still be there, and what is needed to take them down.
  cluster: { testTimeout: 900_000, maxWorkers: 1, bail: 1, globalSetup: undefined, globalTeardown: undefined },
};
