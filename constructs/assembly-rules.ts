import type { Component } from '../components/define';
import { idleFaults } from '../model/props/idle-values';
import { bufferDisk } from '../model/rules/buffer-disk';
import { fixedValues } from '../model/rules/fixed-values';
import { forbiddenRole } from '../model/rules/forbidden-role';
import { namespaceAgreement } from '../model/rules/namespace-agreement';
import { oneCni } from '../model/rules/one-cni';
import { oneLoadBalancer } from '../model/rules/one-load-balancer';
import type { RuleFacts } from '../model/rules/rule';
import { type Place, specOf } from './assembly-parts';

// Not those on what is missing: it may be in the cluster without being in the set.
const rules = [forbiddenRole, oneCni, oneLoadBalancer, namespaceAgreement, fixedValues, bufferDisk];

/** Which rules about a cluster everything in a set breaks together, whoever has asked for it; a sentence each. @param wanted without what they require */
export function setRules(place: Place, wanted: readonly Component[], components: readonly Component[]): readonly string[] {
  // These rules read no more than this of a fleet.
  const facts = { spec: { clusters: [specOf(place, wanted)] }, catalog: components } as unknown as RuleFacts;
  const broken = rules.flatMap((rule) => rule.check(facts)).map(({ rule, remedy }) => `${rule}; ${remedy}`);
  return [...broken, ...idleFaults(facts)];
}
