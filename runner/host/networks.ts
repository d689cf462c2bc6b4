import { execFileSync } from 'node:child_process';
import { networkOf, parseAddress, parseCidr } from '../../config/cidr';

/** A network that this host uses: an address of an interface, or a route. */
export interface HostNetwork {
  readonly kind: 'interface' | 'route';
  /** Of the interface, or of the one that the route leads through. */
  readonly name: string;
  /** `0.0.0.0/0` for the default route. */
  readonly cidr: string;
}

/** Runs a program and returns what it prints; an empty text when it is missing or fails. */
export type Ask = (program: string, args: readonly string[]) => string;

/** IPv4 networks of this host's interfaces, then of its routes. Nothing of what cannot be read. */
export function hostNetworks(platform: NodeJS.Platform = process.platform, ask: Ask = askHost): readonly HostNetwork[] {
  if (platform === 'darwin') return [...ifconfigNetworks(ask('ifconfig', [])), ...netstatRoutes(ask('netstat', ['-rn', '-f', 'inet']))];
  return [...ipAddresses(ask('ip', ['-4', '-json', 'address'])), ...ipRoutes(ask('ip', ['-4', '-json', 'route', 'show', 'table', 'all']))];
}

function askHost(program: string, args: readonly string[]): string {
  try {
    return execFileSync(program, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'], maxBuffer: 64 * 1024 * 1024 });
  } catch {
    return '';
  }
}

const parsed = <T>(text: string): readonly T[] => {
  try {
    return JSON.parse(text) as T[];
  } catch {
    return [];
  }
};

/** `ip -4 -json address`; peers of tunnels are part of the routes. */
function ipAddresses(text: string): readonly HostNetwork[] {
  const found = parsed<{ ifname?: string; addr_info?: readonly { local?: string; prefixlen?: number }[] }>(text);
  return found.flatMap(({ ifname, addr_info: list = [] }) =>
    list.flatMap(({ local, prefixlen }) =>
      ifname === undefined || local === undefined || prefixlen === undefined
        ? []
        : [{ kind: 'interface' as const, name: ifname, cidr: networkOf(local, prefixlen) }],
    ),
  );
}

/** `ip -4 -json route show table all`: VPNs have tables of their own. Local and broadcast entries repeat the addresses. */
function ipRoutes(text: string): readonly HostNetwork[] {
  const found = parsed<{ type?: string; dst?: string; dev?: string }>(text);
  return found.flatMap(({ type = 'unicast', dst, dev }) => {
    const cidr = dst === undefined ? null : blockOf(dst);
    return cidr === null || ['local', 'broadcast', 'multicast', 'anycast'].includes(type)
      ? []
      : [{ kind: 'route' as const, name: dev ?? type, cidr }];
  });
}

/** `ifconfig` of macOS: `inet 192.168.64.1 netmask 0xffffff00 …` below `bridge100: flags=…`. */
function ifconfigNetworks(text: string): readonly HostNetwork[] {
  let name = '';
  return text.split('\n').flatMap((line) => {
    name = /^(\S+): flags=/.exec(line)?.[1] ?? name;
    const [, address, mask] = /^\s+inet (\S+) .*netmask 0x([0-9a-f]{8})/.exec(line) ?? [];
    if (address === undefined || parseAddress(address) === null) return [];
    const prefixLength = [...Number.parseInt(mask!, 16).toString(2)].filter((bit) => bit === '1').length;
    return [{ kind: 'interface' as const, name, cidr: networkOf(address, prefixLength) }];
  });
}

/** `netstat -rn -f inet` of macOS. Entries of single neighbours (flags H and L) are part of their network's route. */
function netstatRoutes(text: string): readonly HostNetwork[] {
  return text.split('\n').flatMap((line) => {
    const [destination = '', , flags = '', name = ''] = line.trim().split(/\s+/);
    const cidr = blockOf(destination);
    return cidr === null || name === '' || /H.*L/.test(flags) ? [] : [{ kind: 'route' as const, name, cidr }];
  });
}

/** The block of a route's destination: `default`, an address, or a CIDR whose last zero bytes macOS leaves out (`10.8/16`, `192.168.64`). */
function blockOf(destination: string): string | null {
  if (destination === 'default') return '0.0.0.0/0';
  const [address = '', prefix] = destination.split('/');
  if (!/^\d+(\.\d+){0,3}$/.test(address)) return null;
  const bytes = address.split('.');
  const cidr = `${[...bytes, '0', '0', '0'].slice(0, 4).join('.')}/${prefix ?? 8 * bytes.length}`;
  return parseCidr(cidr) === null ? null : cidr;
}
