const swc = { jsc: { parser: { syntax: 'typescript' }, target: 'es2022' }, module: { type: 'commonjs' } };
/** All that tests put into $TMPDIR goes with the run. */
const scratch = {
  globalSetup: '<rootDir>/__tests__/scratch/set-up.cjs',
  globalTeardown: '<rootDir>/__tests__/scratch/tear-down.cjs',
};
const base = {
  ...scratch,
  testEnvironment: 'node',
  transform: { '^.+\\.ts$': ['@swc/jest', swc] },
  modulePathIgnorePatterns: ['<rootDir>/.flotilla', '<rootDir>/cdktf.out', '<rootDir>/dist'],
};

/** Folders whose tests are a tier of their own, with how long one of them may take and how many run side by side. */
const tiers = {
  // Fake machines under real Terraform: most of the time is spent waiting for it; every call of tart, four ways, is one test.
  faults: { testTimeout: 1_500_000, maxWorkers: 2 },
  // What installs packages of the outside world.
  outside: { testTimeout: 600_000, maxWorkers: 1 },
  // What the real Helm and kubeconform make of charts.
  rendering: { testTimeout: 600_000, maxWorkers: 1 },
  // The real collectors, with the configurations that ours render.
  collectors: { testTimeout: 600_000, maxWorkers: 1 },
  // A real Vault per test, and an API server beside it.
  vault: { testTimeout: 300_000, maxWorkers: 1 },
  // Real machines, one step after the other; what comes after a failed step would only repeat it.
  // After a failing one machines may still be there, and what is needed to take them down.
  cluster: { testTimeout: 900_000, maxWorkers: 1, bail: 1, globalSetup: undefined, globalTeardown: undefined },
};

const tier = process.env.FLOTILLA_TIER ?? 'unit';
const folders = Object.keys(tiers).map((folder) => `<rootDir>/__tests__/${folder}/`);

/** The tier is named by FLOTILLA_TIER; without it, everything that is quick. */
module.exports =
  tier in tiers
    ? { ...base, ...tiers[tier], testMatch: [`<rootDir>/__tests__/${tier}/**/*.test.ts`] }
    : {
        ...base,
        testMatch: ['<rootDir>/__tests__/**/*.test.ts'],
        testPathIgnorePatterns: ['/node_modules/', ...folders],
        testTimeout: 180_000,
        // Half of the time is spent waiting for Terraform: one worker per core, not one less.
        maxWorkers: '100%',
      };
