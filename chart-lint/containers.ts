import { at } from '../model/contracts/objects';
import type { Loose } from './contracts/object';

const containerLists = ['containers', 'initContainers', 'ephemeralContainers'] as const;

/** Every container of a pod: those that run, those that start before them, and those added for debugging. @param spec of the pod */
export const everyContainer = (spec: unknown): readonly Loose[] => containerLists.flatMap((list) => containersIn(spec, list));

export function containersIn(spec: unknown, list: (typeof containerLists)[number]): readonly Loose[] {
  const found = at(spec, list);
  return Array.isArray(found) ? (found as readonly Loose[]) : [];
}

/** Whether an init container keeps running beside the others. */
export const isSidecar = (initContainer: Loose): boolean => initContainer.restartPolicy === 'Always';

/** Containers that run as long as the pod does. */
export const runningContainers = (spec: unknown): readonly Loose[] => [
  ...containersIn(spec, 'containers'),
  ...containersIn(spec, 'initContainers').filter(isSidecar),
];
