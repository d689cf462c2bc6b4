import { resolve } from 'node:path';
import { defaultCacheDir, prepare } from './prepare';

/** For work on this folder itself: esbuild artifacts/run.ts --bundle --platform=node --outfile=/tmp/run.cjs; node /tmp/run.cjs [id ...] */
async function main(): Promise<void> {
  const only = process.argv.slice(2);
  const startedAt = Date.now();
  const prepared = await prepare({
    root: process.cwd(),
    cacheDir: resolve(defaultCacheDir()),
    ...(only.length > 0 ? { only } : {}),
    onEvent: (event) => {
      const took = event.seconds !== undefined ? ` ${event.seconds.toFixed(1)} s` : '';
      const left = event.etaSeconds !== undefined ? ` (about ${event.etaSeconds} s left)` : '';
      console.log(`${event.type.padEnd(7)} ${event.id}${took}${left}`);
    },
  });
  console.log(JSON.stringify(prepared, null, 2));
  console.log(`${((Date.now() - startedAt) / 1000).toFixed(2)} s`);
}

main().catch((error: Error) => {
  console.error(error.message);
  process.exitCode = 1;
});
