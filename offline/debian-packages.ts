/** Debian packages that the offline phase and the machines need on the host. `program` is how one sees that a package is there. */
export const debianPackages: readonly { readonly package: string; readonly program: string; readonly why: string }[] = Object.freeze([
  { package: 'systemd-container', program: 'systemd-nspawn', why: 'runs the machines' },
  { package: 'mmdebstrap', program: 'mmdebstrap', why: 'makes the node image' },
  { package: 'iproute2', program: 'ip', why: 'makes the bridge of the lab' },
  { package: 'iproute2', program: 'ss', why: 'sees who holds the address of the registry' },
  { package: 'nftables', program: 'nft', why: 'keeps the machines from what is outside their bridge' },
  { package: 'curl', program: 'curl', why: 'asks the registry whether it answers' },
  { package: 'procps', program: 'pgrep', why: 'finds the process of the registry' },
  { package: 'jq', program: 'jq', why: 'reads what the scripts are told' },
  { package: 'openssh-client', program: 'ssh', why: 'drives the machines' },
  { package: 'busybox-static', program: 'busybox', why: 'becomes the busybox pod image' },
  { package: 'gcc', program: 'gcc', why: 'builds the pause program' },
  // gencat comes with libc6-dev (through libc-dev-bin), which itself has no program.
  { package: 'libc6-dev', program: 'gencat', why: 'is linked into the pause program' },
  { package: 'util-linux', program: 'flock', why: 'locks the cache and the deployments' },
]);
