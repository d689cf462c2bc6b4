import type { ITerraformDependable } from 'cdktf';
import { Construct } from 'constructs';
import type { ContextCluster } from '../components/define';
import { certManager } from '../components/pki/cert-manager';
import { externalSecrets } from '../components/pki/external-secrets';
import { externalSecretsStore } from '../components/pki/external-secrets-store';
import { pkiBootstrap } from '../components/pki/pki-bootstrap';
import { vault } from '../components/pki/vault';
import { vaultIssuer } from '../components/pki/vault-issuer';
import { objectsOf } from '../model/contracts/objects';
import { fillWords } from '../model/fill-words';
import { clientFaults, vaultFaults } from '../model/props/platforms';
import { asSetting } from '../model/secret-shapes';
import { accessStepName } from '../model/terraform-names';
import { accessScript } from './access-script';
import { checkProps } from './check-props';
import { type Platform, type Ready, refuseSecrets } from './platform';

export interface VaultPkiProps {
  /** Name of the authority in its certificates. @default - Flotilla and the fleet's domain */
  readonly authority?: string;
  /** Domains for which certificates are issued. @default - the fleet's domain and the clusters' services */
  readonly allowedDomains?: readonly string[];
  /** The longest lifetime of a certificate, in hours. @default - 720 */
  readonly maxHours?: number;
  /** Number of unseal keys, and how many of them unseal Vault. @default - 5 and 3 */
  readonly unseal?: { readonly shares: number; readonly threshold: number };
  /** A program that saves and loads the unseal keys. @default - a file of the deployment */
  readonly unsealCommand?: readonly string[];
  /** @default - nothing */
  readonly dependsOn?: Ready;
}

interface Named {
  readonly kind: string;
  readonly name: string;
  readonly ready: Ready;
}

/** Vault and the fleet's certificates: both phases of the PKI, policies, Kubernetes authentication for each cluster, and the store of External Secrets. */
export class VaultPki extends Construct {
  /** The same in every cluster of the mesh. */
  public readonly url: string;
  /** Vault is initialised and unsealed, and has its authority, policies and mounts. */
  public readonly ready: Ready;

  /** Whether the fleet file installs it on this cluster. */
  public static isPartOf(platform: Platform): boolean {
    return platform.firstOf(vault) !== undefined;
  }

  /** @throws Error when the unseal keys can never unseal Vault, and when a word of the command looks like a secret */
  constructor(
    private readonly platform: Platform,
    id: string,
    private readonly props: VaultPkiProps = {},
  ) {
    super(platform, id);
    const { dependsOn = [] } = props;
    checkProps(this, props, vaultFaults);
    // The words of the command are stored in the input of steps.
    refuseSecrets(this, { unsealCommand: props.unsealCommand }, asSetting);
    const components = [certManager, pkiBootstrap, vault, vaultIssuer, externalSecrets, externalSecretsStore];
    platform.install(components, { scope: this, dependsOn, ...stepInputsOf(props) });
    const [service] = vault.serves ?? [];
    this.url = `http://${service?.name}.${vault.namespace.name}.svc:${service?.port}`;
    this.ready = platform.ready(vault);
  }

  /** Phase 2 of the PKI: the issuer that certificates name. */
  public get issuer(): Named {
    return this.named(vaultIssuer, 'ClusterIssuer');
  }

  /** What an ExternalSecret names as its store. */
  public get store(): Named {
    return this.named(externalSecretsStore, 'ClusterSecretStore');
  }

  /**
   * Lets the service accounts of another cluster log in, with policies of their own, when both clusters exist. Nothing of that cluster should depend on it.
   * @param kubeconfig path below the deployment's folder
   * @returns the auth mount
   */
  public admit(client: ContextCluster, kubeconfig: string): { readonly mount: string; readonly ready: Ready } {
    checkProps(this, { client, kubeconfig }, clientFaults);
    const { domain, prefix, cluster } = this.platform;
    const { unsealCommand } = this.props;
    const api = `https://${client.api.name}:${client.api.port}`;
    let ready: readonly ITerraformDependable[] = this.ready;
    for (const step of fillWords(vault.links ?? [], { cluster: client.name, domain, api })) {
      const input = {
        component: vault.id,
        ...step.input,
        ...(unsealCommand ? { unsealCommand } : {}),
        cluster: cluster.name,
        client: client.name,
      };
      const { script, handsOn } = step;
      ready = [
        accessScript(this, prefix + accessStepName(client.name, vault.id, step.id), {
          script,
          ...(handsOn ? { handsOn } : {}),
          input,
          clientKubeconfig: kubeconfig,
          dependsOn: ready,
        }),
      ];
    }
    return { mount: `kubernetes-${client.name}`, ready };
  }

  private named(component: typeof vault, kind: string): Named {
    const [object] = objectsOf(this.platform.resolvedComponent(component), kind);
    if (object?.metadata.name === undefined) throw new Error(`${this.node.path}: the component "${component.id}" makes no ${kind}`);
    return { kind, name: object.metadata.name, ready: this.platform.ready(component) };
  }
}

/** The props as input of Vault's scripts. */
function stepInputsOf({ authority, allowedDomains, maxHours, unseal, unsealCommand }: VaultPkiProps) {
  const keys = unsealCommand ? { unsealCommand } : {};
  const each = Object.fromEntries((vault.steps ?? []).map((step) => [step.id, keys]));
  const pki = {
    ...(authority ? { name: authority } : {}),
    ...(allowedDomains ? { allowedDomains } : {}),
    ...(maxHours ? { maxHours } : {}),
  };
  const inputs = { ...each, init: { ...keys, ...unseal }, pki: { ...keys, ...pki } };
  const used = Object.fromEntries(Object.entries(inputs).filter(([, input]) => Object.keys(input).length > 0));
  return Object.keys(used).length === 0 ? {} : { stepInputs: { [vault.id]: used } };
}
