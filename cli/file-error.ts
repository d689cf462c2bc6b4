/** Why the file system refused, by the code of Node's error. */
const reasons: Readonly<Record<string, { readonly rule: string; readonly remedy: string }>> = {
  EROFS: { rule: 'it is on a read-only file system', remedy: 'use a writable checkout, or "flotilla synth --out DIR" to look only' },
  EACCES: { rule: 'this user may not use it', remedy: 'run as the user that owns it, or change its permissions' },
  EPERM: { rule: 'this user may not change it', remedy: 'run as the user that owns it, or change its permissions' },
  ENOSPC: { rule: 'the disk is full', remedy: 'free some space and run the same command again' },
  EDQUOT: { rule: "the user's disk quota is used up", remedy: 'free some space and run the same command again' },
};

/** A sentence about a file that could not be used, `null` for any other error. The host is at fault then, not Flotilla. */
export function fileErrorText(error: unknown): string | null {
  if (!(error instanceof Error) || !('code' in error)) return null;
  const reason = reasons[String(error.code)];
  if (reason === undefined) return null;
  const path = 'path' in error && typeof error.path === 'string' ? error.path : 'a file';
  return `${path}: ${reason.rule} (${error.code}); ${reason.remedy}`;
}
