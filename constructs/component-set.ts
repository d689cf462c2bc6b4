import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Release } from '@cdktf/provider-helm/lib/release';
import { NamespaceV1 } from '@cdktf/provider-kubernetes/lib/namespace-v1';
import { AssetType, type ITerraformDependable, TerraformAsset, type TerraformProvider, TerraformStack } from 'cdktf';
import { Construct } from 'constructs';
import { packageRoot } from '../config/package-root';
import type { ResolvedComponent } from '../model/resolved-fleet';
import { escapeTemplate } from './escape';
import { deploymentFolderOf, HostScript } from './host-script';
import { nameForGood } from './stable-name';

/** What a set has to know of a component; every resolved one will do. */
export type SetComponent = Pick<
  ResolvedComponent,
  'id' | 'namespace' | 'chart' | 'dependsOn' | 'timeoutSeconds' | 'values' | 'resources' | 'ready'
>;

export interface ComponentSetProps {
  /** Six hex digits: a label of the namespaces that are made. */
  readonly uid: string;
  readonly cluster: string;
  /** Path below the deployment's folder. */
  readonly kubeconfig: string;
  /** In install order. */
  readonly components: readonly SetComponent[];
  /** Folder of `<name>-<version>/` charts that are used in place of their repositories. @default - charts come from their repositories */
  readonly chartMirror?: string;
  /** Put before every Terraform name: needed by the second set of a stack. @default - none, the names are the components' ids */
  readonly prefix?: string;
  /** Providers with an alias, where a stack works on more than one cluster. @default - the stack's own */
  readonly providers?: { readonly helm: TerraformProvider; readonly kubernetes: TerraformProvider };
}

/** Namespaces, Helm releases and gates of one cluster, chained as the components ask. The only maker of releases. */
export class ComponentSet extends Construct {
  private readonly namespaces = new Map<string, NamespaceV1>();

  constructor(
    scope: Construct,
    id: string,
    private readonly props: ComponentSetProps,
  ) {
    super(scope, id);
    // What somebody who needs the component waits for: its gate where it has one, else its last release.
    const finished = new Map<string, ITerraformDependable>();
    for (const component of props.components) {
      const before = component.dependsOn.map((needed) => finished.get(needed)!);
      finished.set(component.id, this.gate(component, this.install(component, before)));
    }
  }

  private install(component: SetComponent, before: readonly ITerraformDependable[]): ITerraformDependable {
    const { id, chart, values, resources } = component;
    const dependsOn = [...before, ...this.namespace(component)];
    if (chart === null) return this.release(id, component, manifestsChart, { resources }, dependsOn);
    const release = this.release(id, component, chart, values, dependsOn);
    return resources.length === 0 ? release : this.release(`${id}-resources`, component, manifestsChart, { resources }, [release]);
  }

  private release(name: string, component: SetComponent, chart: ChartSource, values: object, dependsOn: ITerraformDependable[]): Release {
    const { kubeconfig, prefix = '', providers } = this.props;
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
    return release;
  }

  private gate(component: SetComponent, installed: ITerraformDependable): ITerraformDependable {
    const { id, ready, timeoutSeconds, chart, values, resources } = component;
    if (ready.length === 0) return installed;
    const revision = createHash('sha256')
      .update(JSON.stringify([chart, values, resources]))
      .digest('hex')
      .slice(0, 12);
    const { cluster, kubeconfig, prefix = '' } = this.props;
    return new HostScript(this, `${prefix}gate-${id}`, {
      run: 'host/wait-ready.sh',
      input: { cluster, kubeconfig, component: id, conditions: ready, timeoutSeconds, revision },
      dependsOn: [installed],
    });
  }

  /** The component's namespace, made by the first one that lives there; `kube-system` and the like are not ours to make. */
  private namespace({ namespace }: SetComponent): NamespaceV1[] {
    if (namespace.podSecurity === null) return [];
    const existing = this.namespaces.get(namespace.name);
    if (existing !== undefined) return [existing];
    const { uid, prefix = '', providers } = this.props;
    const made = new NamespaceV1(this, `namespace-${namespace.name}`, {
      metadata: {
        name: namespace.name,
        labels: {
          'flotilla.dev/uid': uid,
          'pod-security.kubernetes.io/enforce': namespace.podSecurity,
          'pod-security.kubernetes.io/warn': namespace.podSecurity,
        },
      },
      ...(providers ? { provider: providers.kubernetes } : {}),
    });
    nameForGood(made, `${prefix}namespace-${namespace.name}`);
    this.namespaces.set(namespace.name, made);
    return [made];
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
