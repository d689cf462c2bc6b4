import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Release } from '@cdktf/provider-helm/lib/release';
import { Aspects, AssetType, type ITerraformDependable, TerraformAsset, type TerraformProvider, TerraformStack } from 'cdktf';
import { Construct } from 'constructs';
import { packageRoot } from '../config/package-root';
import { componentFaults, setFaults } from '../model/props/component-sets';
import { UserError } from '../model/props/problem';
import type { ResolvedComponent } from '../model/resolved-fleet';
import { componentGateName, componentSecretsName, componentStepName } from '../model/terraform-names';
import { checkProps } from './check-props';
import { clusterIdentity } from './cluster-identity';
import { ComponentNamespaces } from './component-namespaces';
import { Dependencies } from './dependencies';
import { deploymentFolderOf, HostScript, type HostScriptProps } from './host-script';
import { jsonTemplate, mapTokens, tokensIn } from './json-template';
import { type PlacedDependable, refuseOtherStacks } from './same-stack';
import { nameForGood } from './stable-logical-id';

/** What a set has to know of a component; every resolved one will do. */
export type SetComponent = Pick<
  ResolvedComponent,
  'id' | 'namespace' | 'chart' | 'dependsOn' | 'timeoutSeconds' | 'values' | 'resources' | 'ready'
> &
  Partial<Pick<ResolvedComponent, 'secrets' | 'steps' | 'provides'>>;

export interface ComponentSetProps {
  /** Six hex digits: a label of the namespaces and Secrets that are made. */
  readonly uid: string;
  readonly cluster: string;
  /** Path below the deployment's folder. */
  readonly kubeconfig: string;
  /** In whatever order; more can be added. */
  readonly components: readonly SetComponent[];
  /** Folder of `<name>-<version>/` charts that are used in place of their repositories. @default - charts come from their repositories */
  readonly chartMirror?: string;
  /** Put before every Terraform name: needed by the second set of a stack. @default - none, the names are the components' ids */
  readonly prefix?: string;
  /** Providers with an alias, where a stack works on more than one cluster. @default - the stack's own */
  readonly providers?: { readonly helm: TerraformProvider; readonly kubernetes: TerraformProvider };
}

/** A component of a set with what it waits for outside of it. */
export interface PendingComponent {
  readonly component: SetComponent;
  readonly after: readonly ITerraformDependable[];
}

/**
 * Namespaces, Secrets, Helm releases, steps and gates of one cluster, chained as the components ask. The only maker of releases.
 * They are made when the stack is synthesized, so the order in which components are added decides nothing.
 */
export class ComponentSet extends Construct {
  private readonly namespaces: ComponentNamespaces;
  private readonly dependencies = Dependencies.of(this);
  private readonly held = new Map<string, PendingComponent>();
  private readonly atSynthesis: (() => readonly PendingComponent[])[] = [];
  // What somebody who needs the component waits for: its gate where it has one, else its last step or release.
  private readonly finished = new Map<string, ITerraformDependable>();
  private readonly making: string[] = [];
  private isClosed = false;
  private failure: unknown = null;

  constructor(
    scope: Construct,
    id: string,
    public readonly props: Readonly<ComponentSetProps>,
  ) {
    super(scope, id);
    checkProps(this, props, setFaults);
    this.namespaces = new ComponentNamespaces(this, { ...props, dependencies: this.dependencies });
    for (const component of props.components) this.add(component);
    // The only moment that cdktf has at which everybody has spoken and nothing is written yet.
    Aspects.of(this).add({ visit: (node) => node === this && this.make() });
  }

  /** One more component. @param after what it waits for beside components of the set @throws Error when there is one of that id, or the set is made */
  public add(component: SetComponent, after: readonly ITerraformDependable[] = []): void {
    const { id } = component;
    if (this.isClosed)
      throw new UserError(`the set ${this.node.path} is made, and "${id}" comes too late: add it before the app is synthesized`);
    this.hold({ component, after });
  }

  /** Components that are known when all others are. @param ask is called once, at synthesis */
  public addAtSynthesis(ask: () => readonly PendingComponent[]): void {
    this.atSynthesis.push(ask);
  }

  /** Depend on this to start after a component is ready. A component that is never added is an error at synthesis. */
  public readyDependency(component: string): ITerraformDependable {
    return new ReadyDependency(this, component, () => {
      this.make();
      return this.finish(component).fqn;
    });
  }

  /** Makes everything, once. Synthesis does it by itself. @throws Error when something is waited for that is not there, or in a ring */
  public make(): void {
    if (this.failure !== null) throw this.failure;
    if (this.isClosed) return;
    this.isClosed = true;
    try {
      for (const ask of this.atSynthesis) for (const held of ask()) this.hold(held);
      for (const { component } of this.held.values()) this.namespaces.expect(component.namespace);
      for (const id of this.held.keys()) this.finish(id);
    } catch (problem) {
      // Half a set must not pass for a whole one when somebody synthesizes again.
      this.failure = problem;
      throw problem;
    }
  }

  private hold(held: PendingComponent): void {
    const { id } = held.component;
    if (this.held.has(id))
      throw new UserError(`the set ${this.node.path} holds a component "${id}" already: leave one of them out, or give it another id`);
    checkProps(this, held.component, componentFaults);
    refuseOtherStacks(this, held.after, `"${id}" of ${this.node.path}`);
    this.held.set(id, held);
  }

  /** Makes a component and, before it, whatever of the set it waits for. */
  private finish(id: string): ITerraformDependable {
    const known = this.finished.get(id);
    if (known !== undefined) return known;
    const held = this.held.get(id);
    if (held === undefined)
      throw new UserError(
        `${this.making.at(-1) ?? 'somebody'} waits for "${id}", and the set ${this.node.path} holds no component "${id}": add it`,
      );
    const ring = this.making.indexOf(id);
    if (ring >= 0)
      throw new UserError(`components of ${this.node.path} wait for each other: ${[...this.making.slice(ring), id].join(' -> ')}`);
    this.making.push(id);
    const end = this.makeOne(held);
    this.making.pop();
    this.finished.set(id, end);
    return end;
  }

  private makeOne({ component, after }: PendingComponent): ITerraformDependable {
    const { id, chart, values, resources, dependsOn, namespace } = component;
    const before = [
      ...after,
      ...dependsOn.map((needed) => this.finish(needed)),
      ...this.secrets(component),
      ...this.namespaces.of(namespace.name),
    ];
    const [main, ...more] = chart === null ? [manifestsChart] : [chart, ...(resources.length > 0 ? [manifestsChart] : [])];
    let last: ITerraformDependable = this.release(id, component, main!, chart === null ? { resources } : values, before);
    for (const extra of more) last = this.release(`${id}-resources`, component, extra, { resources }, [last]);
    return this.gate(component, this.steps(component, last));
  }

  private release(name: string, component: SetComponent, chart: ChartSource, values: object, after: ITerraformDependable[]): Release {
    const { kubeconfig, prefix = '', providers } = this.props;
    const dependsOn = this.dependencies.reduce(after);
    const release = new Release(this, name, {
      name,
      namespace: component.namespace.name,
      ...this.locate(chart),
      version: chart.version,
      values: [jsonTemplate(values)],
      wait: true,
      timeout: component.timeoutSeconds,
      maxHistory: 5,
      // True as soon as there is a cluster: adopts what is installed when state was lost, and fails the plan instead of silently dropping
      // every release when the API is down. False before: a plan would want to ask a cluster that does not exist yet.
      upgradeInstall: `\${fileexists("${deploymentFolderOf(this)}/${kubeconfig}")}` as unknown as boolean,
      dependsOn,
      ...(providers ? { provider: providers.helm } : {}),
    });
    nameForGood(release, prefix + name);
    return this.dependencies.add(release, dependsOn);
  }

  /** Needs nothing but the namespace, so it is done long before the release may start. */
  private secrets({ id, namespace: { name: namespace }, secrets = [] }: SetComponent): ITerraformDependable[] {
    if (secrets.length === 0) return [];
    const { uid } = this.props;
    const input = { uid, namespace, component: id, secrets };
    const made = this.namespaces.uidOf(namespace);
    const rerunOn = made === null ? {} : { namespace: made };
    return [this.script(componentSecretsName(id), { run: 'host/apply-secrets.sh', input, rerunOn }, this.namespaces.of(namespace))];
  }

  private steps(component: SetComponent, installed: ITerraformDependable): ITerraformDependable {
    const { id, steps = [] } = component;
    return steps.reduce(
      (before, { id: step, script, handsOn = [], input }) =>
        this.script(
          componentStepName(id, step),
          {
            run: script,
            handsOn,
            input: { component: id, ...input, revision: revision(component) },
            rerunOn: whenReferencesChange(component),
          },
          [before],
        ),
      installed,
    );
  }

  private gate(component: SetComponent, installed: ITerraformDependable): ITerraformDependable {
    const { id, ready, timeoutSeconds } = component;
    if (ready.length === 0) return installed;
    const { cluster, kubeconfig, prefix = '' } = this.props;
    const gate = new HostScript(this, prefix + componentGateName(id), {
      run: 'host/wait-ready.sh',
      input: { cluster, kubeconfig, component: id, conditions: ready, timeoutSeconds, revision: revision(component) },
      rerunOn: whenReferencesChange(component),
      dependsOn: [installed],
    });
    return this.dependencies.add(gate, [installed]);
  }

  /** A script that leaves something in the cluster: another cluster under this name gets it too. */
  private script(name: string, { input, rerunOn, ...props }: HostScriptProps, after: readonly ITerraformDependable[]): HostScript {
    const { cluster, kubeconfig, prefix = '' } = this.props;
    const dependsOn = this.dependencies.reduce(after);
    const script = new HostScript(this, `${prefix}${name}`, {
      ...props,
      input: { cluster, kubeconfig, ...input },
      rerunOn: { ...rerunOn, cluster: clusterIdentity(this, kubeconfig) },
      dependsOn,
    });
    return this.dependencies.add(script, dependsOn);
  }

  private locate({ repository, name, version }: ChartSource): { repository?: string; chart: string } {
    const mirrored =
      repository === null
        ? join(packageRoot(), 'charts', name)
        : this.props.chartMirror && join(this.props.chartMirror, `${name}-${version}`);
    if (!mirrored || !existsSync(mirrored)) return { chart: name, ...(repository ? { repository } : {}) };
    const stack = TerraformStack.of(this);
    const id = `chart-${name}-${version}`;
    const asset =
      (stack.node.tryFindChild(id) as TerraformAsset | undefined) ??
      new TerraformAsset(stack, id, { path: mirrored, type: AssetType.DIRECTORY });
    // With its `./`: Helm takes a path without one for the name of a chart in a repository.
    return { chart: `./${asset.path}` };
  }
}

/** Stands for a component that may not be made yet: cdktf reads the address when it writes the stack. */
export class ReadyDependency implements PlacedDependable {
  constructor(
    public readonly set: ComponentSet,
    public readonly component: string,
    private readonly address: () => string,
  ) {}

  public get place(): Construct {
    return this.set;
  }

  public get fqn(): string {
    return this.address();
  }
}

interface ChartSource {
  /** `null`: one of our own, below `charts/`. */
  readonly repository: string | null;
  readonly name: string;
  readonly version: string;
}

const manifestsChart: ChartSource = { repository: null, name: 'manifests', version: '1.0.0' };

/** Changes with what is installed, so that what looks at it or works on it does so again. */
const revision = ({ chart, values, resources }: SetComponent): string =>
  createHash('sha256')
    // A token is numbered anew when the app makes another one before it; what it stands for is watched by `whenReferencesChange`.
    .update(JSON.stringify(mapTokens([chart, values, resources], () => 'reference')))
    .digest('hex')
    .slice(0, 12);

/** Runs a script again when something that values or resources refer to comes out differently. */
function whenReferencesChange({ values, resources }: SetComponent): Readonly<Record<string, string>> {
  const references = tokensIn([values, resources]);
  return references.length === 0 ? {} : { references: jsonTemplate(references) };
}
