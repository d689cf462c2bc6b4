import type { Construct } from 'constructs';
import { reference, refuse } from '../model/props/problem';
import { type Place, secretsIn } from '../model/secret-shapes';
import { mapTokens } from './json-template';

/**
 * Holds the props of a construct to the rules of the model.
 * @param rules each returns a sentence per fault, and is given the symbol `reference` where the props have a cdktf token
 * @throws UserError with all faults at once
 */
export function checkProps(scope: Construct, props: object, ...rules: readonly ((props: object) => readonly string[])[]): void {
  const known = mapTokens(props, () => reference) as object;
  refuse(
    scope.node.path,
    rules.flatMap((rule) => rule(known)),
  );
}

/** The secrets in a value. A token under the name of a secret is one too: what it stands for would lie in Terraform's state. */
export const secretsWithTokens = (value: unknown, place?: Place) =>
  secretsIn(
    mapTokens(value, () => 'a Terraform reference'),
    [],
    place,
  );
