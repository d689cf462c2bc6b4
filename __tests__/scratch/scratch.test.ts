import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { Testing } from 'cdktf';

const root = resolve(__dirname, '../..');

type Config = Readonly<Record<string, unknown>>;
const tiers: Readonly<Record<string, Config>> = require('../tiers.cjs');
const configOf = (tier: string): Config => {
  const program = 'process.stdout.write(JSON.stringify(require(process.argv[1])))';
  const env = { ...process.env, FLOTILLA_TIER: tier };
  return JSON.parse(execFileSync(process.execPath, ['-e', program, join(root, 'jest.config.cjs')], { env, encoding: 'utf8' }));
};

/** Whether a tier's runs take away what they put into $TMPDIR. */
const leaves = ({ globalSetup, globalTeardown }: Config): string[] => [
  ...(globalSetup === '<rootDir>/__tests__/scratch/set-up.cjs' ? [] : ['has no folder of its own']),
  ...(globalTeardown === '<rootDir>/__tests__/scratch/tear-down.cjs' ? [] : ['does not remove it']),
];

test('every tier cleans up, but the one whose machines may outlive a failing run', () => {
  const others = Object.keys(tiers).filter((tier) => tier !== 'cluster');
  expect(others.length).toBeGreaterThan(4);
  for (const tier of ['unit', ...others]) expect([tier, ...leaves(configOf(tier))]).toEqual([tier]);
  expect(leaves(configOf('cluster'))).toHaveLength(2);
});

test('sabotage: a tier without it is seen', () => {
  const { globalTeardown: _, ...rest } = configOf('unit');
  expect(leaves(rest)).toEqual(['does not remove it']);
});

test('what this run makes, cdktf too, and what it starts, lands in its folder', () => {
  const folder = process.env.FLOTILLA_TESTS_TMPDIR!;
  expect(relative(folder, tmpdir())).toBe('');
  expect(dirname(Testing.app().outdir)).toBe(folder);
  const child = execFileSync('bash', ['-c', 'mktemp -d'], { encoding: 'utf8' }).trim();
  expect(dirname(child)).toBe(folder);
  // An address of a socket has 104 bytes on a Mac.
  if (process.platform === 'linux' && dirname(folder) === '/tmp') expect(folder.length).toBeLessThan(20);
});

/** A run of nothing but set-up, a test's litter and tear-down, in a process of its own. @returns the folder that it had */
function run(environment: Record<string, string>): { folder: string; said: string } {
  const around = mkdtempSync(join(tmpdir(), 'around-'));
  const program = `
    require(process.argv[1])();
    require('node:fs').mkdirSync(require('node:os').tmpdir() + '/cdktf.outdir.1/below', { recursive: true });
    console.log(require('node:os').tmpdir());
    require(process.argv[2])();`;
  const files = ['set-up.cjs', 'tear-down.cjs'].map((file) => join(__dirname, file));
  const [folder = '', said = ''] = execFileSync(process.execPath, ['-e', program, ...files], {
    env: { PATH: process.env.PATH, TMPDIR: around, ...environment },
    encoding: 'utf8',
  }).split('\n');
  expect(dirname(folder)).toBe(around);
  return { folder, said };
}

test('after a run its folder is gone, and nothing beside it', () => {
  const beside = join(tmpdir(), 'beside');
  mkdirSync(beside);
  writeFileSync(join(beside, 'file'), '');
  const { folder } = run({});
  expect([basename(folder).startsWith('ft-'), existsSync(folder), existsSync(dirname(folder))]).toEqual([true, false, true]);
  expect(existsSync(join(beside, 'file'))).toBe(true);
});

test('who wants to look into labs afterwards keeps it, and is told where it is', () => {
  const { folder, said } = run({ FLOTILLA_KEEP_LABS: '1' });
  expect([existsSync(folder), said]).toEqual([true, `kept: ${folder}`]);
});
