/** An image of ours that no public registry has: made from programs of Debian or Ubuntu with the libraries that they load. */
export interface OwnImage {
  readonly name: string;
  /** In the search path of the system that it is made on. */
  readonly programs: readonly string[];
  /** Not from a package, so it lies elsewhere where the image is made offline: kubectl. */
  readonly kubectl: boolean;
}

const shellPrograms = [
  'bash sh awk basename cat chmod cmp cp cut date dirname env find flock grep head hostname ln ls mkdir mktemp mv od paste printf readlink rm',
  'sed seq sha256sum sleep sort stat sync tail tee test timeout touch tr true uniq wc xargs',
].flatMap((line) => line.split(' '));

/** Offline they are made beside the others (artifacts/pod-images.ts); where images are official, each node makes them itself (guest/own-images.sh). */
export const ownImages: readonly OwnImage[] = Object.freeze([
  { name: 'flotilla.internal/bridge-cni:1', programs: [...shellPrograms, 'ip', 'bridge', 'nft', 'jq', 'sysctl'], kubectl: true },
]);
