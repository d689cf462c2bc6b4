import type { ITerraformDependable } from 'cdktf';
import { Construct } from 'constructs';
import { certManager } from '../components/cert-manager';
import type { ContextCluster } from '../components/define';
import { externalSecrets } from '../components/external-secrets';
import { externalSecretsStore } from '../components/external-secrets-store';
import { vault } from '../components/vault';
import { vaultIssuer } from '../components/vault-issuer';
import { objectsOf } from '../model/contracts/objects';
import { fillWords } from '../model/fill-words';
import { clientFaults, installationFaults, vaultFaults } from '../model/props/platforms';
import type { ResolvedComponent } from '../model/resolved-fleet';
import { asSetting } from '../model/secret-shapes';
import { accessScript } from './access-script';
import { checkProps } from './check-props';
import { type Installation, type InstallationProps, install, refuseSecrets } from './installation';

export interface VaultPkiProps extends InstallationProps {
  /** What the authority calls itself in its certificates. */
  readonly authority: string;
  /** Domains for which certificates are issued. @default - that of the fleet and the clusters' services */
  readonly allowedDomains?: readonly string[];
  /** How long a certificate may live, in whole hours; may be a cdktf token. @default - 720 */
  readonly maxHours?: number;
  /** Of the unseal keys: how many there are, and how many open it. @default - 5 and 3 */
  readonly unseal?: { readonly shares: number; readonly threshold: number };
  /** A program that keeps and gives the unseal keys, in place of a file of the deployment. @default - the file */
  readonly unsealCommand?: readonly string[];
}

interface Named {
  readonly kind: string;
  readonly name: string;
  readonly ready: ITerraformDependable;
}

/** Vault and the fleet's certificates: both phases of the PKI, policies, a way in for the accounts of each cluster, and the store that secrets are copied from. */
export class VaultPki extends Construct {
  /** The same in every cluster of the mesh. */
  public readonly url: string;
  /** Vault is initialised, open, and has its authority, policies and mounts. */
  public readonly open: ITerraformDependable;
  /** Phase 2: whom certificates are asked from. */
  public readonly issuer: Named;
  /** What ExternalSecrets name as their store. */
  public readonly store: Named;
  public readonly set: Installation['set'];

  constructor(
    scope: Construct,
    id: string,
    private readonly props: VaultPkiProps,
  ) {
    super(scope, id);
    checkProps(this, props, installationFaults, vaultFaults);
    // Words of a command stand in the input of steps.
    refuseSecrets(this, { unsealCommand: props.unsealCommand }, asSetting);
    const wanted = [certManager, vault, vaultIssuer, externalSecrets, externalSecretsStore];
    const made = install(this, props, wanted, (component) => (component.id === vault.id ? withSteps(component, props) : component));
    const [service] = vault.serves!;
    this.set = made.set;
    this.url = `http://${service!.name}.${vault.namespace.name}.svc:${service!.port}`;
    this.open = made.end(vault);
    this.issuer = { ...named(made.of(vaultIssuer), 'ClusterIssuer'), ready: made.end(vaultIssuer) };
    this.store = { ...named(made.of(externalSecretsStore), 'ClusterSecretStore'), ready: made.end(externalSecretsStore) };
  }

  /**
   * Lets the accounts of another cluster in, with policies of their own; when both clusters are there. Nothing of that cluster should wait for it.
   * @param kubeconfig path below the deployment's folder
   * @throws UserError when the cluster or the path breaks a rule
   * @returns the auth mount, and what stands for it being there
   */
  public admit(client: ContextCluster, kubeconfig: string): { readonly mount: string; readonly ready: ITerraformDependable } {
    checkProps(this, { client, kubeconfig }, clientFaults);
    const { cluster, domain, unsealCommand } = this.props;
    const { prefix = '' } = this.set.props;
    const api = `https://${client.api.name}:${client.api.port}`;
    const scripts = fillWords(vault.links ?? [], { cluster: client.name, domain, api });
    const ready = scripts.reduce(
      (before, step) =>
        accessScript(this, `${prefix}access-${client.name}-${vault.id}-${step.id}`, {
          ...step,
          input: {
            component: vault.id,
            ...step.input,
            ...(unsealCommand ? { unsealCommand } : {}),
            cluster: cluster.name,
            client: client.name,
          },
          clientKubeconfig: kubeconfig,
          dependsOn: [before],
        }),
      this.open,
    );
    return { mount: `kubernetes-${client.name}`, ready };
  }
}

/** Each script of Vault with what the props say of it. */
function withSteps(component: ResolvedComponent, props: VaultPkiProps): ResolvedComponent {
  const { authority, allowedDomains, maxHours, unseal, unsealCommand } = props;
  const said: Readonly<Record<string, object>> = {
    init: { ...unseal },
    pki: { name: authority, ...(allowedDomains ? { allowedDomains } : {}), ...(maxHours ? { maxHours } : {}) },
  };
  const steps = component.steps.map((step) => ({
    ...step,
    input: { ...step.input, ...said[step.id], ...(unsealCommand ? { unsealCommand } : {}) },
  }));
  return { ...component, steps };
}

function named(component: ResolvedComponent, kind: string): { readonly kind: string; readonly name: string } {
  return { kind, name: objectsOf(component, kind)[0]!.metadata.name! };
}
