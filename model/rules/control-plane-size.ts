import { allNodes, type Rule } from './rule';

const least = { cpus: 2, memoryMiB: 1700 } as const;

/** What kubeadm demands of a control plane before it begins. */
export const controlPlaneSize: Rule = {
  id: 'control-plane-size',
  check: ({ spec }) =>
    allNodes(spec)
      .filter(({ role }) => role === 'control-plane')
      .flatMap((node) =>
        (['cpus', 'memoryMiB'] as const)
          .filter((field) => node[field] < least[field])
          .map((field) => ({
            path: [...node.path, field],
            value: node[field],
            rule: 'is too little for a control plane, kubeadm refuses it',
            remedy: `write ${least[field]} or more`,
          })),
      ),
};
