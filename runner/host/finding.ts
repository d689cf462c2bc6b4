export interface Finding {
  readonly check: string;
  readonly verdict: 'ok' | 'warning' | 'fault';
  /** What was found. */
  readonly found: string;
  /** What to do about it; empty when nothing is to be done. */
  readonly remedy: string;
}

export const ok = (check: string, found: string): Finding => ({ check, verdict: 'ok', found, remedy: '' });
export const warning = (check: string, found: string, remedy: string): Finding => ({ check, verdict: 'warning', found, remedy });
export const fault = (check: string, found: string, remedy: string): Finding => ({ check, verdict: 'fault', found, remedy });
