import { spawn } from 'node:child_process';
import { isMap, type Value, type Values } from './values-tree';

/** One `helm template`. */
export interface RenderInput {
  readonly release: string;
  readonly namespace: string;
  /** Folder of the chart. */
  readonly chart: string;
  readonly values: Values;
  /** e.g. 1.35.4 */
  readonly kubernetesVersion: string;
  /** `group/version` and `group/version/Kind` that the cluster has beside Kubernetes' own. */
  readonly apis: readonly string[];
  /** Renders the pods of `helm test` too. An installation does not create them. @default false */
  readonly tests?: boolean;
}

/** The objects as text, one after the other with their sources; or what Helm says is wrong. */
export type Rendered = { readonly text: string; readonly error: null } | { readonly text: null; readonly error: string };
export type Render = (input: RenderInput) => Promise<Rendered>;

/** Renders with the real program, whose settings of the user are kept out. */
export const helmRender =
  (helm: string): Render =>
  async ({ release, namespace, chart, values, kubernetesVersion, apis, tests }) => {
    const words = [
      'template',
      release,
      chart,
      '--namespace',
      namespace,
      '--kube-version',
      kubernetesVersion,
      '--include-crds',
      ...(tests ? [] : ['--skip-tests']),
    ];
    const { code, stdout, stderr } = await run(
      helm,
      [...words, ...apis.flatMap((api) => ['--api-versions', api]), '--values', '-'],
      JSON.stringify(values),
    );
    return code === 0 ? { text: stdout, error: null } : { text: null, error: tidy(stderr, chart) };
  };

/** Helm's words without its advice and without paths of this host. */
const tidy = (text: string, chart: string): string =>
  text
    .replaceAll(chart, '<chart>')
    .split('\n')
    .filter((line) => line.trim() !== '' && !/^(Use --debug|coalesce\.go|walk\.go|WARNING:)/.test(line.replace(/^\d[\d/: ]+/, '')))
    .join('\n')
    .replace(/^Error: /, '')
    .trim();

export interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program to its end. A program that there is not ends with 127. */
export function run(program: string, words: readonly string[], input = ''): Promise<Ran> {
  // A user's settings would bring plugins, repositories and a kubeconfig of theirs.
  const environment = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(HELM_|KUBECONFIG$)/.test(name)));
  const child = spawn(program, words, { stdio: ['pipe', 'pipe', 'pipe'], env: environment });
  const said = { stdout: '', stderr: '' };
  for (const stream of ['stdout', 'stderr'] as const) {
    child[stream].setEncoding('utf8');
    child[stream].on('data', (chunk: string) => {
      said[stream] += chunk;
    });
  }
  child.stdin.on('error', () => {});
  child.stdin.end(input);
  return new Promise((done) => {
    child.on('error', (error) => done({ code: 127, stdout: '', stderr: error.message }));
    child.on('close', (code) => done({ code: code ?? 1, ...said }));
  });
}

/** One document of a rendered text. */
export interface RenderedDocument {
  /** Path of the template, which Helm puts before each. */
  readonly source: string;
  readonly text: string;
}

export function documentsOf(text: string): readonly RenderedDocument[] {
  return text
    .split(/^---\s*$/m)
    .map((part) => ({ source: /^# Source: (.*)$/m.exec(part)?.[1] ?? '', text: part.replace(/^# Source: .*$/m, '').trim() }))
    .filter(({ text: rest }) => rest.replace(/^\s*#.*$/gm, '').trim() !== '');
}

/** Without keys whose value is null, in lists too: to Helm and to Kubernetes they are keys left out. */
export function withoutNulls<T extends Value>(value: T): T {
  if (Array.isArray(value)) return value.map((part) => withoutNulls(part)) as unknown as T;
  if (!isMap(value)) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, part]) => (part === null ? [] : [[key, withoutNulls(part)]])),
  ) as unknown as T;
}
