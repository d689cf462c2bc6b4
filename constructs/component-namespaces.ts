import { LimitRangeV1 } from '@cdktf/provider-kubernetes/lib/limit-range-v1';
import { NamespaceV1 } from '@cdktf/provider-kubernetes/lib/namespace-v1';
import { ResourceQuotaV1 } from '@cdktf/provider-kubernetes/lib/resource-quota-v1';
import type { ITerraformDependable, TerraformProvider, TerraformResource } from 'cdktf';
import type { Construct } from 'constructs';
import { limitsName } from '../model/names';
import type { ResolvedComponent } from '../model/resolved-fleet';
import { type NamespacePart, namespacePartName } from '../model/terraform-names';
import type { Dependencies } from './dependencies';
import { nameForGood } from './stable-logical-id';

/** As `ComponentSetProps` has them. */
interface Props {
  readonly uid: string;
  readonly prefix?: string;
  readonly providers?: { readonly kubernetes: TerraformProvider };
  readonly dependencies: Dependencies;
}
type Namespace = ResolvedComponent['namespace'];

/** The namespaces of a set's components, with pod security, limits and quota, each made when it is first asked for. */
export class ComponentNamespaces {
  private readonly said: Namespace[] = [];
  private readonly made = new Map<string, { readonly ends: readonly ITerraformDependable[]; readonly uid: string }>();

  constructor(
    private readonly scope: Construct,
    private readonly props: Props,
  ) {}

  /** What a component says of the namespace that it lives in. What is said after the namespace was made comes too late for it. */
  public expect(namespace: Namespace): void {
    this.said.push(namespace);
  }

  /** What is there when the namespace is ready for pods; nothing for `kube-system` and the like, which are not ours to make. */
  public of(name: string): readonly ITerraformDependable[] {
    return this.find(name)?.ends ?? [];
  }

  /** An expression for its identity: another one after it was made again. `null` for those that are not ours. */
  public uidOf(name: string): string | null {
    return this.find(name)?.uid ?? null;
  }

  private find(name: string) {
    const known = this.made.get(name);
    const namespace = this.wanted(name);
    if (known !== undefined || namespace === null) return known;
    const made = this.make(namespace);
    this.made.set(name, made);
    return made;
  }

  /** What all components that live there say of it, together. */
  private wanted(name: string): (Namespace & { readonly podSecurity: NonNullable<Namespace['podSecurity']> }) | null {
    const said = this.said.filter((namespace) => namespace.name === name);
    const podSecurity = said.find((one) => one.podSecurity !== null)?.podSecurity;
    if (!podSecurity) return null;
    const [limits, quota] = [said.find((one) => one.limits)?.limits, said.find((one) => one.quota)?.quota];
    const labels = Object.assign({}, ...said.map((one) => one.labels ?? {}));
    return { name, podSecurity, labels, ...(limits ? { limits } : {}), ...(quota ? { quota } : {}) };
  }

  private make({ name, podSecurity, labels, limits, quota }: NonNullable<ReturnType<ComponentNamespaces['wanted']>>) {
    const { uid, providers } = this.props;
    const provider = providers ? { provider: providers.kubernetes } : {};
    const ours = {
      'flotilla.dev/uid': uid,
      // Policies for workloads pass these by (components/policy/kyverno-policies.ts), not a namespace that is made for such.
      ...(labels?.['flotilla.dev/workloads'] === undefined ? { 'flotilla.dev/platform': 'true' } : {}),
      'pod-security.kubernetes.io/enforce': podSecurity,
      'pod-security.kubernetes.io/warn': podSecurity,
    };
    const metadata = { name, labels: { ...labels, ...ours } };
    const namespace = this.named(
      'namespace',
      name,
      new NamespaceV1(this.scope, namespacePartName('namespace', name), { metadata, ...provider }),
    );
    const inside = { metadata: { name: limitsName, namespace: name }, dependsOn: [namespace], ...provider };
    const limit = { type: 'Container', ...limits } as { type: string };
    const ends = [
      ...(limits
        ? [
            this.named(
              'limits',
              name,
              new LimitRangeV1(this.scope, namespacePartName('limits', name), { ...inside, spec: { limit: [limit] } }),
            ),
          ]
        : []),
      ...(quota
        ? [
            this.named(
              'quota',
              name,
              new ResourceQuotaV1(this.scope, namespacePartName('quota', name), { ...inside, spec: { hard: { ...quota } } }),
            ),
          ]
        : []),
    ];
    for (const end of ends) this.props.dependencies.add(end, [namespace]);
    return { ends: ends.length > 0 ? ends : [namespace], uid: `\${${namespace.fqn}.metadata[0].uid}` };
  }

  private named<T extends TerraformResource>(part: NamespacePart, namespace: string, resource: T): T {
    nameForGood(resource, `${this.props.prefix ?? ''}${namespacePartName(part, namespace)}`);
    return resource;
  }
}
