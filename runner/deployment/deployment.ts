import { mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { ResolvedCluster, ResolvedFleet } from '../../model/resolved-fleet';
import { socketEnvironment } from '../terraform/plugin-sockets';

/** The folder of one deployment, and the environment in which its Terraform runs. */
export interface Deployment {
  readonly model: ResolvedFleet;
  readonly folder: string;
  readonly environment: NodeJS.ProcessEnv;
  readonly stackFolder: (stack: string) => string;
  /** The last applied form of a stack, at the same depth as the stack itself. */
  readonly appliedFolder: (stack: string) => string;
  readonly stateFile: (stack: string) => string;
  readonly logFile: (stack: string) => string;
  readonly kubeconfig: (cluster: ResolvedCluster) => string;
}

/** @param tools folder of the host's tools, put before PATH; `null` takes what PATH has */
export function describeDeployment(model: ResolvedFleet, folder: string, tools: string | null, terraformConfig: string | null): Deployment {
  const began = runName(new Date());
  return {
    model,
    folder,
    environment: { ...cleanEnvironment(tools, terraformConfig), ...socketEnvironment(folder) },
    stackFolder: (stack) => join(folder, 'cdktf.out', 'stacks', stack),
    appliedFolder: (stack) => join(folder, 'applied', 'stacks', stack),
    stateFile: (stack) => join(folder, 'state', `${stack}.tfstate`),
    logFile: (stack) => {
      mkdirSync(join(folder, 'logs', began), { recursive: true });
      return join(folder, 'logs', began, `${stack}.log`);
    },
    kubeconfig: (cluster) => join(folder, cluster.kubeconfig),
  };
}

/** The folder of a run's logs, by when it began; in the order of time. */
export const runName = (began: Date): string => began.toISOString().replace(/[:.]/g, '-');

/** The deployment's folders, those with secrets for nobody else to read. */
export function makeFolders(folder: string): void {
  const parts = ['state', 'nodes', 'kubeconfig', 'secrets', 'tearing-down', 'applied/stacks', 'logs'];
  for (const part of parts)
    mkdirSync(join(folder, part), { recursive: true, ...(/^(secrets|kubeconfig)$/.test(part) ? { mode: 0o700 } : {}) });
}

function cleanEnvironment(tools: string | null, terraformConfig: string | null): NodeJS.ProcessEnv {
  const environment: NodeJS.ProcessEnv = { ...process.env, CHECKPOINT_DISABLE: '1', TF_IN_AUTOMATION: '1' };
  // Without a kubeconfig the kubernetes provider falls back on these, and would plan against somebody else's cluster.
  // A cache of plugins, which cdktf asks for, takes no two inits at once and would hand our builds on to other projects.
  for (const name of Object.keys(environment))
    if (/^(KUBE_|KUBECONFIG$|HELM_|TF_DATA_DIR$|TF_CLI_ARGS|TF_WORKSPACE$|TF_PLUGIN_CACHE_DIR$)/.test(name)) delete environment[name];
  if (terraformConfig !== null) environment.TF_CLI_CONFIG_FILE = terraformConfig;
  environment.PATH = [tools, dirname(process.execPath), process.env.PATH].filter(Boolean).join(':');
  return environment;
}
