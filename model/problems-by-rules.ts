import { applyChanges } from '../config/change';
import type { FleetProblem } from '../config/problem';
import { fleetSchema } from '../config/schema';
import type { BrokenRule, Rule, RuleFacts, WayOut } from './rules/rule';

type Found = BrokenRule & { readonly id: string };

/** Everything that breaks a rule, each with the cheapest of its ways out that brings no new problem. */
export function problemsByRules(facts: RuleFacts, rules: readonly Rule[]): readonly FleetProblem[] {
  const found = findAll(facts, rules);
  const before = new Set(found.map(identity));
  return found.map((problem): FleetProblem => {
    const { waysOut = [], ...rest } = problem;
    const way = waysOut.find((candidate) => {
      const after = problemsAfter(candidate, facts, rules);
      return after !== null && !after.includes(identity(problem)) && after.every((one) => before.has(one));
    });
    return way === undefined ? rest : { ...rest, ...way };
  });
}

function findAll(facts: RuleFacts, rules: readonly Rule[]): readonly Found[] {
  return rules.flatMap((rule) => rule.check(facts).map((problem) => ({ id: rule.id, ...problem })));
}

/** `null` when what the changes leave is no fleet. */
function problemsAfter({ changes }: WayOut, facts: RuleFacts, rules: readonly Rule[]): readonly string[] | null {
  const changed = fleetSchema.safeParse(applyChanges(facts.spec, changes));
  if (!changed.success) return null;
  const spec = changed.data;
  const provider =
    spec.provider === facts.spec.provider ? facts.provider : (facts.providers.find(({ id }) => id === spec.provider) ?? null);
  return findAll({ ...facts, spec, provider }, rules).map(identity);
}

/** Without the rule's words: they may name the provider that a change replaces. */
const identity = ({ id, path, value }: Found): string => JSON.stringify([id, path, value ?? null]);
