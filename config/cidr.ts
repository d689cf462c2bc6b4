/** An IPv4 block; `first` and `last` are its lowest and highest address as numbers. */
export interface Cidr {
  readonly first: number;
  readonly last: number;
  readonly prefixLength: number;
}

/** Without leading zeros: programs read those as octal, and one address would have two spellings. */
const ipv4 = /^(0|[1-9]\d{0,2})\.(0|[1-9]\d{0,2})\.(0|[1-9]\d{0,2})\.(0|[1-9]\d{0,2})$/;

/** The number of an IPv4 address, or `null` when it is none. */
export function parseAddress(text: string): number | null {
  const match = ipv4.exec(text);
  if (!match) return null;
  const bytes = match.slice(1).map(Number);
  return bytes.every((byte) => byte <= 255) ? bytes.reduce((sum, byte) => sum * 256 + byte, 0) : null;
}

export function formatAddress(address: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(address / 2 ** shift) % 256).join('.');
}

/** The block, or `null` when the text is no IPv4 CIDR or has bits set behind its prefix. */
export function parseCidr(text: string): Cidr | null {
  const [address, prefix, ...more] = text.split('/');
  const first = parseAddress(address ?? '');
  if (first === null || more.length > 0 || !/^(?:\d|[12]\d|3[0-2])$/.test(prefix ?? '')) return null;
  const size = 2 ** (32 - Number(prefix));
  return first % size === 0 ? { first, last: first + size - 1, prefixLength: Number(prefix) } : null;
}

export function overlap(left: string, right: string): boolean {
  const [a, b] = [parseCidr(left), parseCidr(right)];
  return a !== null && b !== null && a.first <= b.last && b.first <= a.last;
}

export function contains(cidr: string, address: string): boolean {
  const [block, number] = [parseCidr(cidr), parseAddress(address)];
  return block !== null && number !== null && block.first <= number && number <= block.last;
}

/** The block that an interface's address such as `10.77.0.1/24` is in. Throws Error when the address is none. */
export function networkOf(address: string, prefixLength: number): string {
  const number = parseAddress(address);
  if (number === null) throw new Error(`"${address}" is no IPv4 address`);
  return `${formatAddress(number - (number % 2 ** (32 - prefixLength)))}/${prefixLength}`;
}

/** The address `index` steps above the block's network address: 1 is our gateway. */
export function hostAddress(cidr: string, index: number): string {
  const block = parseCidr(cidr);
  if (block === null) throw new Error(`"${cidr}" is no IPv4 CIDR`);
  return formatAddress(block.first + index);
}
