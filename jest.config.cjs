const swc = { jsc: { parser: { syntax: 'typescript' }, target: 'es2022' }, module: { type: 'commonjs' } };
const base = {
  testEnvironment: 'node',
  transform: { '^.+\\.ts$': ['@swc/jest', swc] },
  modulePathIgnorePatterns: ['<rootDir>/.flotilla', '<rootDir>/cdktf.out'],
};

/** Tiers are named by FLOTILLA_TIER; the cluster tier raises real machines, one step after the other. */
module.exports =
  process.env.FLOTILLA_TIER === 'cluster'
    ? { ...base, testMatch: ['<rootDir>/__tests__/cluster/**/*.test.ts'], testTimeout: 900_000, maxWorkers: 1, bail: 1 }
    : {
        ...base,
        testMatch: ['<rootDir>/__tests__/**/*.test.ts'],
        testPathIgnorePatterns: ['/node_modules/', '<rootDir>/__tests__/cluster/'],
        testTimeout: 180_000,
        // Half of the time is spent waiting for Terraform: one worker per core, not one less.
        maxWorkers: '100%',
      };
