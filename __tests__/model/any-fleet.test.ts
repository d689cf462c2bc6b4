import { App, Testing } from 'cdktf';
import fc from 'fast-check';
import { parseFleet } from '../../config/load';
import { FleetError, UserError } from '../../config/problem';
import { machineProviders } from '../../machines';
import type { ResolvedFleet } from '../../model/resolved-fleet';
import { problemsOf } from '../../model/validate';
import { makeStacks } from '../../stacks';
import { resolveFresh } from '../support/fleet-fixture';
import { anyFleet, type Edit, edited } from './any-fleet';

/** What `validate` says: the model, or a message. Anything else that is thrown is a fault of Flotilla. */
function validated(of: { readonly name: string; readonly edits: readonly Edit[] }): ResolvedFleet | string {
  const fleet = parseFleet({ file: `${of.name}.yaml`, text: JSON.stringify(edited(of)) });
  const problems = problemsOf({ fleet, providers: machineProviders });
  if (problems.length > 0) return new FleetError(fleet.name, problems).message;
  try {
    return resolveFresh(fleet);
  } catch (error) {
    if (error instanceof UserError) return error.message;
    throw error;
  }
}

const runs = Number(process.env.FLOTILLA_FLEETS ?? 60);

test('a fleet that is edited at random is refused in lines that are short, or resolves', () => {
  fc.assert(
    fc.property(anyFleet(['lab', 'ha', 'kind', 'trio']), (of) => {
      const said = validated(of);
      if (typeof said !== 'string') return;
      expect(said).not.toMatch(/undefined|NaN|\[object|y{100}|\n\s+at /);
    }),
    { numRuns: runs },
  );
});

test('a fleet that is accepted synthesizes', () => {
  let accepted = 0;
  fc.assert(
    fc.property(anyFleet(['lab', 'ha', 'kind']), (of) => {
      const model = validated(of);
      if (typeof model === 'string') return;
      accepted += 1;
      makeStacks(new App({ outdir: Testing.app().outdir }), model);
    }),
    { numRuns: runs },
  );
  expect(accepted).toBeGreaterThan(runs / 20);
});
