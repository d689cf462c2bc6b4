const tiers = require('./__tests__/tiers.cjs');

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

const tier = process.env.FLOTILLA_TIER ?? 'unit';
const folders = Object.keys(tiers).map((folder) => `<rootDir>/__tests__/tiers/${folder}/`);

/** The tier is named by FLOTILLA_TIER; without it, everything that is quick. */
module.exports =
  tier in tiers
    ? { ...base, ...tiers[tier], testMatch: [`<rootDir>/__tests__/tiers/${tier}/**/*.test.ts`] }
    : {
        ...base,
        testMatch: ['<rootDir>/__tests__/**/*.test.ts'],
        testPathIgnorePatterns: ['/node_modules/', ...folders],
        testTimeout: 180_000,
        // Half of the time is spent waiting for Terraform: one worker per core, not one less.
        maxWorkers: '100%',
      };
