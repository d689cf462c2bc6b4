import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Release } from '@cdktf/provider-helm/lib/release';
import { AssetType, type ITerraformDependable, TerraformAsset, type TerraformProvider, TerraformStack } from 'cdktf';
import { Construct } from 'constructs';
import { packageRoot } from '../config/package-root';
import type { ResolvedComponent } from '../model/resolved-fleet';
import { clusterIdentity } from './cluster-identity';
import { ComponentNamespaces } from './component-namespaces';
import { Dependencies } from './dependencies';
import { escapeTemplate } from './escape';
import { deploymentFolderOf, HostScript, type HostScriptProps } from './host-script';
import { nameForGood } from './stable-name';

/** What a set has to know of a component; every resolved one will do. */
export type SetComponent = Pick<
  ResolvedComponent,
  'id' | 'namespace' | 'chart' | 'dependsOn' | 'timeoutSeconds' | 'values' | 'resources' | 'ready'
> &
  Partial<Pick<ResolvedComponent, 'secrets' | 'steps'>>;

export interface ComponentSetProps {
  /** Six hex digits: a label of the namespaces and Secrets that are made. */
  readonly uid: string;
  readonly cluster: string;
  /** Path below the deployment's folder. */
  readonly kubeconfig: string;
  /** In install order; more can be added. */
  readonly components: readonly SetComponent[];
  /** Folder of `<name>-<version>/` charts that are used in place of their repositories. @default - charts come from their repositories */
  readonly chartMirror?: string;
  /** Put before every Terraform name: needed by the second set of a stack. @default - none, the names are the components' ids */
  readonly prefix?: string;
  /** Providers with an alias, where a stack works on more than one cluster. @default - the stack's own */
  readonly providers?: { readonly helm: TerraformProvider; readonly kubernetes: TerraformProvider };
}

/** Namespaces, Secrets, Helm releases, steps and gates of one cluster, chained as the components ask. The only maker of releases. */
export class ComponentSet extends Construct {
  private readonly namespaces: ComponentNamespaces;
  private readonly dependencies = new Dependencies();
  // What somebody who needs the component waits for: its gate where it has one, else its last step or release.
  private readonly finished = new Map<string, ITerraformDependable>();

  constructor(
    scope: Construct,
    id: string,
    private readonly props: ComponentSetProps,
  ) {
    super(scope, id);
    this.namespaces = new ComponentNamespaces(this, { ...props, dependencies: this.dependencies });
    for (const { namespace } of props.components) this.namespaces.expect(namespace);
    for (const component of props.components) this.add(component);
  }

  /** One more component, after those of the set that it depends on. @param after what else it waits for */
  public add(component: SetComponent, after: readonly ITerraformDependable[] = []): void {
    const { id, chart, values, resources, dependsOn, namespace } = component;
    this.namespaces.expect(namespace);
    const before = [
      ...after,
      ...dependsOn.map((needed) => this.end(needed)),
      ...this.secrets(component),
      ...this.namespaces.of(namespace.name),
    ];
    const [main, ...more] = chart === null ? [manifestsChart] : [chart, ...(resources.length > 0 ? [manifestsChart] : [])];
    let last: ITerraformDependable = this.release(id, component, main!, chart === null ? { resources } : values, before);
    for (const extra of more) last = this.release(`${id}-resources`, component, extra, { resources }, [last]);
    this.finished.set(id, this.gate(component, this.steps(component, last)));
  }

  /** What stands for the component being there: depend on it to come after. */
  public end(component: string): ITerraformDependable {
    const end = this.finished.get(component);
    if (end === undefined) throw new Error(`the set ${this.node.path} holds no component "${component}"`);
    return end;
  }

  private release(name: string, component: SetComponent, chart: ChartSource, values: object, after: ITerraformDependable[]): Release {
    const { kubeconfig, prefix = '', providers } = this.props;
    const dependsOn = this.dependencies.reduce(after);
    const release = new Release(this, name, {
      name,
      namespace: component.namespace.name,
      ...this.locate(chart),
      version: chart.version,
      values: [escapeTemplate(JSON.stringify(values))],
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
    return [this.script(`secrets-${id}`, { run: 'host/lay-secrets.sh', input, rerunOn }, this.namespaces.of(namespace))];
  }

  private steps(component: SetComponent, installed: ITerraformDependable): ITerraformDependable {
    const { id, steps = [] } = component;
    return steps.reduce(
      (before, { id: step, script, handsOn = [], input }) =>
        this.script(`step-${id}-${step}`, { run: script, handsOn, input: { component: id, ...input, revision: revision(component) } }, [
          before,
        ]),
      installed,
    );
  }

  private gate(component: SetComponent, installed: ITerraformDependable): ITerraformDependable {
    const { id, ready, timeoutSeconds } = component;
    if (ready.length === 0) return installed;
    const { cluster, kubeconfig, prefix = '' } = this.props;
    const gate = new HostScript(this, `${prefix}gate-${id}`, {
      run: 'host/wait-ready.sh',
      input: { cluster, kubeconfig, component: id, conditions: ready, timeoutSeconds, revision: revision(component) },
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
    .update(JSON.stringify([chart, values, resources]))
    .digest('hex')
    .slice(0, 12);
