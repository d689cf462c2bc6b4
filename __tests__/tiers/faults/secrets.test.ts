import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ResolvedFleet } from '../../../model/resolved-fleet';
import { filesBelow, makeCheckout } from '../../support/checkout';
import { results } from '../../support/terraform-checks';
import { Lab, labModel, synthesize } from '../../support/terraform-lab';

/** Programs of the host that a script might hand a secret to. */
const programs = ['jq', 'base64', 'tar', 'cat', 'sed', 'tail', 'mv', 'cmp', 'chmod', 'mkdir', 'ssh-keygen'];
const kinds = ['token', 'certificate-key', 'ca-key', 'admin'];

const checkouts: string[] = [];
const labs: Lab[] = [];
afterAll(() => {
  for (const lab of labs) lab.dispose();
  for (const root of checkouts) rmSync(root, { recursive: true, force: true });
});

type Resources = Record<string, { triggers: Record<string, string> }>;

/** A cluster raised by these scripts, with a canary for each kind of secret, watched. */
async function raiseWatched(
  mutate: (checkout: string) => void = () => {},
  mutateStack: (resources: Resources, canaries: Map<string, string>) => void = () => {},
): Promise<{ lab: Lab; canaries: Map<string, string> }> {
  const checkout = makeCheckout();
  checkouts.push(checkout);
  mutate(checkout);
  const whole = labModel(checkout);
  const model: ResolvedFleet = { ...whole, stacks: whole.stacks.filter(({ name }) => name !== 'hub') };
  const stacks = await synthesize(checkout, 'full', model);
  const lab = new Lab(checkout, programs);
  labs.push(lab);
  const canaries = new Map(kinds.map((kind) => [kind, randomBytes(12).toString('hex')]));
  lab.use(stacks, model, ({ resource }, name) => {
    if (name === 'edge') mutateStack(resource.null_resource as Resources, canaries);
  });
  writeFileSync(join(lab.state, 'watch'), '');
  mkdirSync(join(lab.state, 'canaries'));
  for (const [kind, canary] of canaries) writeFileSync(join(lab.state, 'canaries', kind), canary);
  expect(results(await lab.run('up'))).toEqual({ foundation: 'changed', edge: 'changed' });
  // The part of the private key that is neither head nor the public half that comes first.
  canaries.set('ssh-key', readFileSync(join(lab.folder, 'secrets/ssh/id_ed25519'), 'utf8').split('\n')[4]!);
  return { lab, canaries };
}

/** Where a canary was seen outside of the files that are made for it. */
function leaks({ lab, canaries }: { lab: Lab; canaries: Map<string, string> }): readonly string[] {
  const allowed = [join(lab.folder, 'secrets'), join(lab.folder, 'kubeconfig')];
  const files = [
    ...filesBelow(lab.folder).filter((file) => !allowed.some((folder) => file.startsWith(`${folder}/`))),
    join(lab.state, 'seen'),
  ];
  const texts = files.map(
    (file) =>
      [
        file.slice(lab.host.length),
        file.endsWith('/tfplan') ? terraform(lab, 'show', '-json', 'tfplan') : readFileSync(file, 'latin1'),
      ] as const,
  );
  return texts.flatMap(([file, text]) => [...canaries].filter(([, canary]) => text.includes(canary)).map(([kind]) => `${kind} in ${file}`));
}

const terraform = (lab: Lab, ...args: string[]): string => {
  const environment = { ...process.env, TF_CLI_CONFIG_FILE: join(lab.folder, 'terraform.rc'), CHECKPOINT_DISABLE: '1' };
  return execFileSync('terraform', args, { cwd: join(lab.folder, 'cdktf.out/stacks/edge'), env: environment, encoding: 'utf8' });
};

test('no secret is in a state, a plan, a log, a synthesized file, a command line or an environment', async () => {
  const watched = await raiseWatched();
  const { lab, canaries } = watched;
  terraform(lab, 'plan', '-input=false', '-replace=null_resource.join-edge-worker-1', '-out=tfplan');
  const files = filesBelow(lab.folder).map((file) => file.slice(lab.folder.length));
  for (const part of [/^.state.edge.tfstate$/, /.edge.tfplan$/, /.cdk.tf.json$/, /.edge.log$/])
    expect(files).toContainEqual(expect.stringMatching(part));
  const seen = readFileSync(join(lab.state, 'seen'), 'utf8');
  for (const part of ['/host/join.sh', 'INPUT=', 'root@10.77.', '\ntar\n', '\nbase64\n'])
    expect({ part, seen: seen.includes(part) }).toEqual({ part, seen: true });
  expect(leaks(watched)).toEqual([]);

  const kubeconfig = join(lab.folder, 'kubeconfig/edge');
  expect(readFileSync(kubeconfig, 'utf8')).toContain(canaries.get('admin'));
  for (const file of [kubeconfig, join(lab.folder, 'secrets/ssh/id_ed25519')]) expect(statSync(file).mode & 0o077).toBe(0);
  expect(existsSync(join(lab.state, 'tickets')) && filesBelow(join(lab.state, 'tickets'))).toEqual([]);
});

/** What each script must not do, put into a copy of it: [kind of secret, script, before this line, the careless line]. */
const careless: [kind: string, script: string, before: string, line: string][] = [
  ['token', 'host/join.sh', `  printf '%s' "$ticket" | run_guest`, `  jq -n --arg ticket "$ticket" '$ticket' >/dev/null\n`],
  ['admin', 'host/kubeconfig.sh', `  fetched="$(printf '%s\\n' "$fetched" | render`, `  fetched="$fetched" cat </dev/null\n`],
  [
    'ssh-key',
    'host/kubeconfig.sh',
    `  fetched="$(printf '%s\\n' "$fetched" | render`,
    `  cp "$deployment/secrets/ssh/id_ed25519" "$deployment/logs/key.log"\n`,
  ],
];

test('sabotage: what shows a secret as an argument, in the environment, a log, a synthesized file, a state or a plan is found', async () => {
  const watched = await raiseWatched(
    (checkout) => {
      for (const [, script, before, line] of careless) {
        const file = join(checkout, 'scripts', script);
        const text = readFileSync(file, 'utf8');
        expect(text).toContain(before);
        writeFileSync(
          file,
          text.replace(before, () => line + before),
        );
      }
    },
    (resources, canaries) => {
      // One that was read at the synthesis, and one that Terraform reads.
      resources['join-edge-worker-1']!.triggers.careless = canaries.get('ca-key')!;
      resources['names-edge-worker-1']!.triggers.careless = '${file("../../../secrets/ssh/id_ed25519")}';
    },
  );
  terraform(watched.lab, 'plan', '-input=false', '-replace=null_resource.names-edge-worker-1', '-out=tfplan');
  expect(leaks(watched)).toEqual(
    expect.arrayContaining([
      'token in /state/seen',
      'certificate-key in /state/seen',
      'admin in /state/seen',
      expect.stringMatching(/^ssh-key in .*key.log$/),
      expect.stringMatching(/^ca-key in .*stacks.edge.cdk.tf.json$/),
      expect.stringMatching(/^ca-key in .*edge.tfstate$/),
      expect.stringMatching(/^ssh-key in .*edge.tfplan$/),
    ]),
  );
});
