import { existsSync, statfsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { type Finding, fault, ok, warning } from './finding';

/** What a disk must have free for the machines of a fleet, and what it had better have. */
export interface DiskNeed {
  /** `null`: a disk that cannot be looked at from here. */
  readonly folder: string | null;
  readonly neededGiB: number;
  /** @default - neededGiB */
  readonly wantedGiB?: number;
  /** What happens below `wantedGiB`. */
  readonly otherwise?: string;
}

/** An image with a system in it, and what a node writes beside it in its first weeks, GiB. */
const systemGiB = 2;
const perMachineGiB = 6;

/** Where a machine provider puts the disks of so many nodes, and what they take. @param dockerRoot as Docker tells it */
export function machineDisk(provider: string, nodes: number, dataFolder: string, dockerRoot: string | null): DiskNeed {
  const machines = systemGiB + perMachineGiB * nodes;
  switch (provider) {
    case 'tart':
      return {
        folder: process.env.TART_HOME || join(homedir(), '.tart'),
        neededGiB: machines,
        wantedGiB: Math.max(100, machines),
        otherwise: 'Tart by itself deletes images of its cache when another clone finds little room',
      };
    case 'multipass':
      return {
        folder:
          process.platform === 'darwin' ? '/var/root/Library/Application Support/multipassd' : '/var/snap/multipass/common/data/multipassd',
        neededGiB: machines,
      };
    // On a Mac it is inside of a virtual machine of Docker's.
    case 'kind':
      return { folder: process.platform === 'linux' ? dockerRoot : null, neededGiB: systemGiB + nodes };
    default:
      return { folder: dataFolder, neededGiB: Math.max(5, nodes) };
  }
}

/** The magic number of overlayfs, from the kernel's linux/magic.h. */
const overlayFs = 0x794c7630;

/** @param overlays whether what is kept there becomes a layer of an overlay */
export function checkDisk(
  check: string,
  { folder, neededGiB, wantedGiB, otherwise }: DiskNeed,
  remedy: string,
  overlays: boolean,
): Finding[] {
  if (folder === null) return [];
  const place = nearestExisting(folder);
  const { bavail, bsize, type } = statfsSync(place);
  const free = (bavail * bsize) / 2 ** 30;
  const found = `${free.toFixed(0)} GiB free at ${place}`;
  if (overlays && type === overlayFs) {
    const mount = `machines are overlays too, which does not nest: mount another disk at ${folder}`;
    return [fault(check, `${place} is on an overlay file system`, mount)];
  }
  if (free < neededGiB) return [fault(check, found, `free ${neededGiB} GiB there, ${remedy}`)];
  if (free < (wantedGiB ?? 0)) return [warning(check, found, `below ${wantedGiB} GiB: ${otherwise}`)];
  return [ok(check, found)];
}

function nearestExisting(folder: string): string {
  return existsSync(folder) ? folder : nearestExisting(join(folder, '..'));
}
