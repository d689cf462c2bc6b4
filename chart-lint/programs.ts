import { run } from '../artifacts/charts/helm';
import { optionalFolder, prepareOptional } from '../artifacts/optional';
import { defaultCacheDir } from '../artifacts/prepare';
import { Failure } from '../config/failure';
import { onPath } from '../config/on-path';
import { packageRoot } from '../config/package-root';
import { type QueryParser, queryCheck } from './query-check';

const place = () => ({ root: packageRoot(), cacheDir: defaultCacheDir() });

/** Helm 3: one that was built here, the one on PATH, or one that is built now. */
export async function helmProgram(): Promise<string> {
  const built = onPath('go') ? optionalFolder(place(), 'helm') : null;
  if (built !== null) return `${built}/helm`;
  if (onPath('helm') && /^v3\./.test((await run('helm', ['version', '--template', '{{.Version}}'])).stdout)) return 'helm';
  return `${await made('helm')}/helm`;
}

/** What holds objects against schemas: Kubernetes' own come from its Go module, or from the network where there is no Go. */
export async function conformTools(): Promise<{ readonly kubeconform: string; readonly schemas: string | null }> {
  if (!onPath('go') && onPath('kubeconform')) return { kubeconform: 'kubeconform', schemas: null };
  return { kubeconform: `${await made('kubeconform')}/kubeconform`, schemas: await made('kubernetes-schemas') };
}

/** What parses queries of dashboards and rules, or why nothing does: everything else can be verified without. */
export async function queryParser(): Promise<QueryParser> {
  try {
    return { parse: queryCheck(`${await made('query-check')}/query-check`) };
  } catch (error) {
    if (error instanceof Failure) return { missing: error.message };
    throw error;
  }
}

async function made(id: string): Promise<string> {
  if (!onPath('go')) throw new Failure(`there is no ${id} on PATH and no Go to build it with: install one of the two`);
  const onEvent = ({ type, summary, log }: { type: string; summary: string; log?: string }): void => {
    if (type === 'start' || type === 'waiting') console.error(`    … ${summary}`);
    if (type === 'failed') console.error(`    ✗ ${summary}, log: ${log}`);
  };
  return prepareOptional({ ...place(), onEvent }, id).catch((error: Error) => {
    throw new Failure(error.message);
  });
}
