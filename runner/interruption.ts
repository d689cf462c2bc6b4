import { endHostScripts } from './machines/host-script';
import type { Journal } from './progress/journal';
import { interruptTerraform } from './terraform/terraform';

/** npm passes on a signal that the terminal has sent to us already. */
const sameKeyMs = 500;

/**
 * From now on Ctrl-C lets the stacks that have begun come to their end and begins no other; a second one asks Terraform to stop, which ends
 * the scripts that run and saves the state; a third one leaves at once. `up` goes on from wherever that was.
 * @returns how often it was pressed
 */
export function onInterruption(journal: Journal): () => number {
  let count = 0;
  let last = Number.NEGATIVE_INFINITY;
  process.on('SIGINT', () => {
    const now = performance.now();
    if (now - last < sameKeyMs) return;
    last = now;
    count += 1;
    if (count === 1) journal.note('finishing the stacks that have begun, no other one begins; once more to stop them too');
    if (count === 2) journal.note('stopping what runs; the same command continues from there');
    if (count === 2) {
      interruptTerraform();
      endHostScripts();
    }
    if (count > 2) process.exit(130);
  });
  return () => count;
}
