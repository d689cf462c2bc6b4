import { existsSync } from 'node:fs';
import { Failure } from '../../config/failure';
import { askSecrets } from '../../runner/cluster/bootstrap-secrets';
import { type Answer, askChecks } from '../../runner/cluster/checks';
import { stagedStandIns } from '../../runner/deployment/staged-charts';
import { lookAt } from '../../runner/session';
import { defineVerb } from '../verb';

export const verify = defineVerb<{ json?: boolean }>({
  name: 'verify',
  summary: 'Ask every component whether it does what it is there for; exit code 1 when one does not',
  example: 'npx flotilla verify --fleet trio --json | jq \'.[] | select(.result == "fails")\'',
  options: [
    [
      '--json',
      '[{cluster, component, check: {description, command, hint, peer?}, result: "holds" | "fails" | "unproven" | "stand-in", said}]',
    ],
  ],
  run: async ({ selection, options }) => {
    const deployment = lookAt(selection);
    if (!deployment.model.clusters.some((cluster) => existsSync(deployment.kubeconfig(cluster))))
      throw new Failure(`${deployment.model.deployment} has no cluster yet: run "npx flotilla up"`);
    const standIns = stagedStandIns(deployment.folder);
    const { clusters } = deployment.model;
    const answers = (
      await Promise.all(clusters.flatMap((cluster) => [askChecks(deployment, cluster, standIns), askSecrets(deployment, cluster)]))
    ).flat();
    if (options.json) console.log(JSON.stringify(answers, null, 2));
    else console.log(sayAnswers(answers).join('\n'));
    return answers.some(({ result }) => result === 'fails') ? 1 : 0;
  },
});

const verdicts = { holds: 'yes', fails: 'NO', unproven: 'not proven', 'stand-in': 'not asked, stand-in' } as const;

/**
 * A line for each connection between clusters, then each check that fails or could not tell, with what to look at, and how many there are of each kind: what
 * was not asked is neither a failure nor a pass.
 */
export function sayAnswers(answers: readonly Answer[]): readonly string[] {
  const of = (wanted: Answer['result']): readonly Answer[] => answers.filter(({ result }) => result === wanted);
  const connections = answers.filter(({ check }) => check.peer !== undefined);
  const lines = (said: string): readonly string[] => said.split('\n').map((line) => `  ${line}`);
  const failed = of('fails').flatMap(({ cluster, component, check, said }) => [
    `${cluster}, ${component}: not so: ${check.description}`,
    ...lines(said),
    `  ${check.hint}`,
  ]);
  const unproven = of('unproven').flatMap(({ cluster, component, check, said }) => [
    `${cluster}, ${component}: not proven: ${check.description}`,
    ...lines(said),
  ]);
  const unasked = of('stand-in');
  const names = [...new Set(unasked.map(({ component }) => component))].sort().join(', ');
  return [
    ...connections.map(({ cluster, check, result }) => `${cluster}: ${check.description}: ${verdicts[result]}`),
    ...failed,
    ...unproven,
    ...(unasked.length > 0 ? [`${unasked.length} checks not asked: stand-in (${names})`] : []),
    `${of('holds').length} checks hold, ${of('fails').length} do not, ${of('unproven').length} not proven, ${unasked.length} not asked`,
  ];
}
