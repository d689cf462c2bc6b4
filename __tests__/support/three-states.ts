import type { ResolvedFleet } from '../../model/resolved-fleet';
import { editEveryScript, slowTeardown } from './checkout';
import { labModel, synthesize, withoutNode } from './terraform-lab';

/** What a fleet goes through in a test: as it is first, without `edge-worker-1`, and after every script was edited. Stacks by the folder of each. */
export interface ThreeStates {
  readonly model: ResolvedFleet;
  readonly small: ResolvedFleet;
  readonly stacks: { readonly full: string; readonly edited: string; readonly small: string };
}

/** Synthesizes them; the checkout's scripts stay edited, so that the stacks of the last two have new ones. */
export async function threeStates(checkout: string): Promise<ThreeStates> {
  slowTeardown(checkout);
  const model = labModel(checkout);
  const small = withoutNode(model, 'edge-worker-1');
  const full = await synthesize(checkout, 'full', model);
  editEveryScript(checkout);
  const [edited, smaller] = await Promise.all([synthesize(checkout, 'edited', model), synthesize(checkout, 'small', small)]);
  return { model, small, stacks: { full, edited, small: smaller } };
}
