import type { ITerraformDependable } from 'cdktf';
import type { Construct } from 'constructs';
import type { Component } from '../components/define';
import { installationFaults } from '../model/props/platforms';
import { refuse } from '../model/props/problem';
import type { ResolvedComponent } from '../model/resolved-fleet';
import { describeSecret, type Place } from '../model/secret-shapes';
import { Assembly } from './assembly';
import { componentsOf, type InstallationProps, type Part } from './assembly-parts';
import { checkProps, secretsWithTokens } from './check-props';
import { ComponentSet } from './component-set';
import { asStrings } from './json-template';

export type { InstallationProps } from './assembly-parts';

export interface Installation {
  readonly set: ComponentSet;
  /** A component as far as it is known when this is called: what comes into the set later may change its values and edges. */
  readonly of: (component: Component) => ResolvedComponent;
  /** What stands for the component being there. */
  readonly end: (component: Component) => ITerraformDependable;
  /** What stands for all of its own being there, as far as edges are known when this is called. */
  readonly ends: () => readonly ITerraformDependable[];
}

/**
 * Adds components to a set, with whatever they require by name. They are ordered among all that are in it when the stack is synthesized, and checked there by the
 * rules that hold for everything in a cluster.
 * @param change the last word on a component before it is made
 * @throws UserError when a prop breaks a rule, or a value looks like a secret
 */
export function install(
  scope: Construct,
  given: InstallationProps,
  wanted: readonly Component[],
  change: Part['change'] = (component) => component,
  more: Pick<Part, 'reached' | 'conclude'> = {},
): Installation {
  checkProps(scope, given, installationFaults);
  const props = given.values === undefined ? given : { ...given, values: asStrings(given.values) };
  const { uid, cluster, kubeconfig, chartMirror, prefix, providers } = props;
  refuseSecrets(scope, { values: props.values });
  const own = { uid, cluster: cluster.name, kubeconfig, components: [] };
  const optional = { ...(chartMirror ? { chartMirror } : {}), ...(prefix ? { prefix } : {}), ...(providers ? { providers } : {}) };
  const set = props.set ?? new ComponentSet(scope, 'components', { ...own, ...optional });
  const assembly = Assembly.of(set);
  const part = { scope, props, wanted, change, ...more };
  assembly.add(part);
  const ids = new Set(componentsOf([part]).map(({ id }) => id));
  const components = (): readonly ResolvedComponent[] => assembly.resolved().filter(({ id }) => ids.has(id));
  // Now, so that what cannot be resolved is refused where it is made.
  components();
  return {
    set,
    of: ({ id }) => components().find((one) => one.id === id) ?? fail(`${scope.node.path} does not install "${id}"`),
    end: ({ id }) => set.end(id),
    ends: () => {
      const waitedFor = new Set(components().flatMap(({ dependsOn }) => dependsOn));
      return [...ids].filter((id) => !waitedFor.has(id)).map((id) => set.end(id));
    },
  };
}

/** What goes into values goes into Terraform's state. */
export function refuseSecrets(scope: Construct, props: Readonly<Record<string, unknown>>, place?: Place): void {
  refuse(scope.node.path, secretsWithTokens(props, place).map(describeSecret));
}

function fail(message: string): never {
  throw new Error(message);
}
