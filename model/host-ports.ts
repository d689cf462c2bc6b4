/** A port of the host that leads to a cluster's first node: to its port of the same number, or to another. */
export type HostPort = number | { readonly host: number; readonly node: number };

export const hostPortOf = (port: HostPort): number => (typeof port === 'number' ? port : port.host);
/** The node's. */
export const nodePortOf = (port: HostPort): number => (typeof port === 'number' ? port : port.node);
export const hostPortText = (port: HostPort): string => (typeof port === 'number' ? `${port}` : `${port.host} to ${port.node}`);
