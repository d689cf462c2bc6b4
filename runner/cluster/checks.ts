import { execFile } from 'node:child_process';
import { isHollow } from '../../artifacts/charts/stubbed';
import type { StandInPlan } from '../../artifacts/stub-chart';
import { packageRoot } from '../../config/package-root';
import type { ResolvedCluster, ResolvedComponent } from '../../model/resolved-fleet';
import type { Deployment } from '../deployment/deployment';

type Check = ResolvedComponent['checks'][number];

/** A check of one component and how it came out. */
export interface Answer {
  readonly cluster: string;
  readonly component: string;
  readonly check: Check;
  /** `stand-in`: not asked, because what would answer is not the real software. `unproven`: asked, and the command could not tell. */
  readonly result: 'holds' | 'fails' | 'stand-in' | 'unproven';
  /** The last lines that the command printed; empty where it holds. */
  readonly said: string;
}

const secondsEach = 60;

/** With this exit code a check reports that it could not tell, as automake's tests do. */
const cannotTell = 77;

/** Asks every check of a cluster's components, a few at a time; those that no stand-in could answer are not asked. */
export async function askChecks(
  deployment: Deployment,
  cluster: ResolvedCluster,
  standIns: readonly StandInPlan[],
): Promise<readonly Answer[]> {
  const hollow = hollowGroups(cluster, standIns);
  const questions = cluster.components.flatMap((component) => component.checks.map((check) => ({ component, check })));
  const answers = new Map<Check, Answer>();
  const open = [...questions];
  const work = async (): Promise<void> => {
    for (let next = open.shift(); next !== undefined; next = open.shift()) {
      const { component, check } = next;
      const known = { cluster: cluster.name, component: component.id, check };
      if (isUnanswerable(component, check, standIns, hollow)) answers.set(check, { ...known, result: 'stand-in', said: '' });
      else answers.set(check, { ...known, ...(await ask(deployment, cluster, check)) });
    }
  };
  await Promise.all(Array.from({ length: 4 }, work));
  return questions.map(({ check }) => answers.get(check)!);
}

/** API groups of a cluster whose objects nobody works on. */
const hollowGroups = ({ components }: ResolvedCluster, standIns: readonly StandInPlan[]): ReadonlySet<string> =>
  new Set(
    components
      .filter((component) => isHollow(component, standIns))
      .flatMap(({ crds }) => crds.map((crd) => crd.slice(crd.indexOf('.') + 1))),
  );

/** A stand-in promises that its pods become Ready, and no more; an object that only it would work on is as dead. */
function isUnanswerable(
  component: ResolvedComponent,
  { command }: Check,
  standIns: readonly StandInPlan[],
  hollow: ReadonlySet<string>,
): boolean {
  if (command.join(' ').includes(' rollout status ')) return false;
  return isHollow(component, standIns) || component.resources.some(({ apiVersion }) => hollow.has(apiVersion.split('/')[0]!));
}

function ask(
  deployment: Deployment,
  cluster: ResolvedCluster,
  { command: [program, ...words] }: Check,
): Promise<Pick<Answer, 'result' | 'said'>> {
  const env = { ...deployment.environment, KUBECONFIG: deployment.kubeconfig(cluster) };
  return new Promise((resolve) => {
    const options = { env, cwd: packageRoot(), timeout: secondsEach * 1000, maxBuffer: 16 * 1024 * 1024 };
    execFile(program!, words, options, (error, stdout, stderr) => {
      if (error === null) return resolve({ result: 'holds', said: '' });
      const said = `${stdout}${stderr}`.trim().split('\n').slice(-3).join('\n');
      const result = error.code === cannotTell ? 'unproven' : 'fails';
      resolve({ result, said: said || (error.killed ? `no answer within ${secondsEach} s` : error.message) });
    });
  });
}
