import { runCommand } from './command';

// Whoever reads us through a pipe may have read enough, as `head` does. 141: what a shell says of a program that a closed pipe ended.
process.stdout.on('error', ({ code }: NodeJS.ErrnoException) => process.exit(code === 'EPIPE' ? 141 : 1));

void runCommand(process.argv.slice(2)).then((code) => {
  process.exitCode = code;
});
