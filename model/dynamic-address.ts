/**
 * Stands for an address that only the inventory knows, a node's or the `gateway`'s, or for the URL of the `registry`. It travels through documents
 * and inputs as text; scripts put the real thing in place (`with_addresses`), so that a new lease changes nothing that Terraform sees.
 */
export const leased = (what: string): string => `leased(${what})`;

/** What a node may not be called: these have a token of their own. */
export const leasedNames: readonly string[] = ['gateway', 'registry'];
