import { bufferDisk } from './buffer-disk';
import { cidrDefault } from './cidr-default';
import { cidrOverlap } from './cidr-overlap';
import { cidrSize } from './cidr-size';
import { controlPlaneSize } from './control-plane-size';
import { controlPlanes } from './control-planes';
import { dnsLabels } from './dns-labels';
import { domain } from './domain';
import { duplicates } from './duplicates';
import { forbiddenRole } from './forbidden-role';
import { broughtNames } from './generated-node-names';
import { installCycle } from './install-cycle';
import { knownProvider } from './known-provider';
import { kubernetesVersion } from './kubernetes-version';
import { loadBalancerPool } from './load-balancer-pool';
import { fixedValues } from './locked-values';
import { memoryBudget } from './memory-budget';
import { missingSlot } from './missing-slot';
import { namespaceAgreement } from './namespace-agreement';
import { nodeAddress } from './node-address';
import { oneCni } from './one-cni';
import { oneHub } from './one-hub';
import { oneLoadBalancer } from './one-load-balancer';
import { providerFeatures } from './provider-features';
import { removedNeeded } from './removed-needed';
import { requestsFit } from './requests-fit';
import { reservedNames } from './reserved-names';
import type { Rule } from './rule';
import { secretValues } from './secret-values';
import { specialAddresses } from './special-addresses';
import { unknownComponent } from './unknown-component';
import { idleValues } from './unused-values';

/** Every rule, in the order in which a reader meets the fields. */
export const rules: readonly Rule[] = Object.freeze([
  dnsLabels,
  reservedNames,
  knownProvider,
  broughtNames,
  providerFeatures,
  kubernetesVersion,
  domain,
  memoryBudget,
  oneHub,
  duplicates,
  specialAddresses,
  cidrDefault,
  cidrSize,
  cidrOverlap,
  controlPlanes,
  controlPlaneSize,
  nodeAddress,
  loadBalancerPool,
  unknownComponent,
  removedNeeded,
  forbiddenRole,
  missingSlot,
  oneCni,
  oneLoadBalancer,
  installCycle,
  namespaceAgreement,
  idleValues,
  fixedValues,
  secretValues,
  requestsFit,
  bufferDisk,
]);
