import { formatProblem } from '../config/problem';
import { isValues } from './merge-values';

/** What a secret looks like; the first group may be shown. */
interface Shape {
  readonly what: string;
  readonly pattern: RegExp;
}

/** A word that a chart or Terraform fills in is no secret, so braces and dollars end a match. */
const shapes: readonly Shape[] = [
  { what: 'a Slack webhook', pattern: /(hooks\.slack\.com\/)(?:services|workflows|triggers)\/[^\s{$]+/i },
  { what: 'a Discord webhook', pattern: /(discord(?:app)?\.com\/api\/webhooks\/)[^\s{$]+/i },
  { what: 'a Teams webhook', pattern: /(webhook\.office\.com\/)webhookb2\/[^\s{$]+/i },
  { what: 'a Slack token', pattern: /\b(xox[abeprs]-|xapp-)[\w-]{8,}/ },
  { what: 'a GitHub token', pattern: /\b(gh[pousr]_|github_pat_)\w{16,}/ },
  { what: 'a GitLab token', pattern: /\b(glpat-)[\w-]{16,}/ },
  { what: 'a Vault token', pattern: /\b(hv[bsr]\.)[\w-]{16,}/ },
  { what: 'an AWS key', pattern: /\b(A[KS]IA)[0-9A-Z]{16}\b/ },
  { what: 'a private key', pattern: /(-----BEGIN [A-Z ]*PRIVATE KEY-----)/ },
  { what: 'a URL with a password', pattern: /(\b[a-z][a-z0-9+.-]*:\/\/[^\s/@:"'{$]*:)[^\s/@"'{$]+@/i },
  { what: 'a URL with a token', pattern: /([?&](?:sig|signature|token|access_token|api_?key|key)=)[^\s&"'{$]{12,}/i },
];

export interface ShownSecret {
  readonly path: readonly (string | number)[];
  /** As much of it as anybody may see. */
  readonly value: string;
  readonly rule: string;
  readonly remedy: string;
}

/** Every text below a value that looks like a secret. @param path where the value is */
export function secretsIn(value: unknown, path: ShownSecret['path'] = []): readonly ShownSecret[] {
  if (typeof value === 'string') return secretIn(value, path);
  if (Array.isArray(value)) return value.flatMap((inner, index) => secretsIn(inner, [...path, index]));
  return isValues(value) ? Object.entries(value).flatMap(([key, inner]) => secretsIn(inner, [...path, key])) : [];
}

/** In one line: where, as much of it as may be shown, why, and what to do. */
export const describeSecret = (shown: ShownSecret): string => formatProblem({ id: 'secret-values', ...shown });

function secretIn(text: string, path: ShownSecret['path']): readonly ShownSecret[] {
  const found = shapes.map(({ what, pattern }) => ({ what, shown: pattern.exec(text)?.[1] })).find(({ shown }) => shown !== undefined);
  if (found === undefined) return [];
  return [
    {
      path,
      value: `${found.shown}…`,
      rule: `is ${found.what}: values lie readable in Terraform's state, in Helm's records and in the file itself`,
      remedy: "write it to secrets/brought/<name> in the deployment's folder and name it under components.secrets (docs/guide/secrets.md)",
    },
  ];
}
