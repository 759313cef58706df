import * as pulumi from '@pulumi/pulumi';
import type { TalosClientConfiguration } from '../../clients/talos/identity';
import type { MachineSecrets as MachineSecretsBundle } from '../../clients/talos/secretsBundle';
import type {
  BootstrapReleaseInputs,
  ClusterNodesInputs,
  CrdSource,
  CustomResourceDefinitionsInputs,
  EtcdBootstrapInputs,
  GeneratedCertificateAuthorityInputs,
  GeneratedSecretInputs,
  HandoverInputs,
  MachineConfigurationInputs,
  MachineSecretsInputs,
  KubernetesVersionInputs,
  MachineSystemInputs,
  OnePasswordItemInputs,
  PhasesSeconds,
  PhaseStartInputs,
  PhaseTimes,
  TalosIdentityInputs,
  TunnelInputs,
} from './inputs';
import { formerTokens, tokens } from './tokens';

/** The same shape, with every property as a Pulumi input. */
export type Args<T> = { [K in keyof T]: pulumi.Input<T[K]> };

export type EtcdBootstrapArgs = Args<Omit<EtcdBootstrapInputs, 'clientConfiguration'>> & {
  clientConfiguration: pulumi.Input<Args<TalosClientConfiguration>>;
};
export type ClusterNodesArgs = Args<Omit<ClusterNodesInputs, 'clientConfiguration'>> & {
  clientConfiguration: pulumi.Input<Args<TalosClientConfiguration>>;
};
export type MachineConfigurationArgs = Args<Omit<MachineConfigurationInputs, 'clientConfiguration'>> & {
  clientConfiguration: pulumi.Input<Args<TalosClientConfiguration>>;
};
export type MachineSystemArgs = Args<Omit<MachineSystemInputs, 'clientConfiguration'>> & {
  clientConfiguration: pulumi.Input<Args<TalosClientConfiguration>>;
};
export type KubernetesVersionArgs = Args<Omit<KubernetesVersionInputs, 'clientConfiguration'>> & {
  clientConfiguration: pulumi.Input<Args<TalosClientConfiguration>>;
};
export type CustomResourceDefinitionsArgs = Args<Omit<CustomResourceDefinitionsInputs, 'sources'>> & {
  sources: pulumi.Input<pulumi.Input<CrdSource>[]>;
};
export type BootstrapReleaseArgs = Args<BootstrapReleaseInputs>;
export type HandoverArgs = Args<Omit<HandoverInputs, 'phases' | 'kustomizations'>> & {
  kustomizations: pulumi.Input<pulumi.Input<string>[]>;
  phases: pulumi.Input<{
    talos: pulumi.Input<Args<PhaseTimes>>;
    crds: pulumi.Input<Args<PhaseTimes>>;
    core: pulumi.Input<Args<PhaseTimes>>;
  }>;
};
export type GeneratedCertificateAuthorityArgs = Args<GeneratedCertificateAuthorityInputs>;
export type GeneratedSecretArgs = Args<GeneratedSecretInputs>;
export type PhaseStartArgs = Args<PhaseStartInputs>;
export type TunnelArgs = Args<TunnelInputs>;
export type MachineSecretsArgs = Args<MachineSecretsInputs>;
export type TalosIdentityArgs = Args<TalosIdentityInputs>;
export type OnePasswordItemArgs = Args<Omit<OnePasswordItemInputs, 'fields'>> & {
  fields: pulumi.Input<Record<string, pulumi.Input<string>>>;
};

/**
 * A resource of our provider: `secretProperties` are always secret in the state, and aliases for the former tokens of its
 * type keep resources of older state files instead of replacing them.
 */
abstract class PlatformResource extends pulumi.CustomResource {
  constructor(
    token: string,
    name: string,
    properties: pulumi.Inputs,
    secretProperties: string[],
    options: pulumi.CustomResourceOptions | undefined,
  ) {
    const aliases = Object.entries(formerTokens)
      .filter(([, current]) => current === token)
      .map(([former]) => ({ type: former }));
    const own = { additionalSecretOutputs: secretProperties, aliases };
    super(token, name, properties, pulumi.mergeOptions(options ?? {}, own));
  }
}

/**
 * The version of Talos and the schematic that a machine runs: a change upgrades it, with a reboot. Does nothing before there
 * is a cluster, and for a machine without a configuration. Deleting it only removes it from the state.
 */
export class MachineSystem extends PlatformResource {
  constructor(name: string, args: MachineSystemArgs, options?: pulumi.CustomResourceOptions) {
    super(tokens.machineSystem, name, { ...args }, ['clientConfiguration'], options);
  }
}

/**
 * The version of Kubernetes that the cluster runs: a change is carried out component by component, live. Does nothing before
 * there is a cluster. Deleting it only removes it from the state.
 */
export class KubernetesVersion extends PlatformResource {
  constructor(name: string, args: KubernetesVersionArgs, options?: pulumi.CustomResourceOptions) {
    super(tokens.kubernetesVersion, name, { ...args }, ['clientConfiguration'], options);
  }
}

/**
 * Bootstraps etcd once, on one control plane. Succeeds if etcd is already bootstrapped; fails for a node of another
 * cluster. Deleting it only removes it from the state.
 */
export class EtcdBootstrap extends PlatformResource {
  /** When the wait for the node started. */
  declare readonly startedAt: pulumi.Output<string>;
  declare readonly finishedAt: pulumi.Output<string>;
  declare readonly bootstrappedBy: pulumi.Output<'this run' | 'already'>;

  constructor(name: string, args: EtcdBootstrapArgs, options?: pulumi.CustomResourceOptions) {
    const outputs = { startedAt: undefined, finishedAt: undefined, bootstrappedBy: undefined };
    super(tokens.etcdBootstrap, name, { ...args, ...outputs }, ['clientConfiguration'], options);
  }
}

/**
 * The nodes of a cluster: takes those that are marked as leaving out of it, and refuses a stack whose entry of a node is gone
 * before that. Deleting it touches no machine.
 */
export class ClusterNodes extends PlatformResource {
  constructor(name: string, args: ClusterNodesArgs, options?: pulumi.CustomResourceOptions) {
    super(tokens.clusterNodes, name, { ...args }, ['clientConfiguration'], options);
  }
}

/**
 * The configuration of a machine. A change is applied after the node is drained, if it needs a reboot, and then waits until the
 * cluster is whole. A machine that lost its configuration gets it again. Deleting it touches no machine.
 */
export class MachineConfiguration extends PlatformResource {
  constructor(name: string, args: MachineConfigurationArgs, options?: pulumi.CustomResourceOptions) {
    super(tokens.machineConfiguration, name, { ...args }, ['configuration', 'clientConfiguration'], options);
  }
}

/**
 * Applies CustomResourceDefinitions from charts and Git folders once the API server is ready; later the releases that
 * own them manage them. They are not Pulumi resources, and deleting this resource does not delete them.
 */
export class CustomResourceDefinitions extends PlatformResource {
  /** Names of all definitions, sorted. */
  declare readonly names: pulumi.Output<string[]>;
  declare readonly startedAt: pulumi.Output<string>;
  declare readonly finishedAt: pulumi.Output<string>;

  constructor(name: string, args: CustomResourceDefinitionsArgs, options?: pulumi.CustomResourceOptions) {
    const outputs = { names: undefined, startedAt: undefined, finishedAt: undefined };
    super(tokens.customResourceDefinitions, name, { ...args, ...outputs }, ['kubeconfig'], options);
  }
}

/**
 * Installs a Helm release only if it is absent; afterwards Flux owns it. Changes of chart, version or values are
 * ignored, and deleting it does not uninstall the release.
 */
export class BootstrapRelease extends PlatformResource {
  declare readonly action: pulumi.Output<'installed' | 'found' | 'owned-by-flux'>;
  /** Helm revision after the action; 0 if Flux owns the release and has not installed it yet. */
  declare readonly revision: pulumi.Output<number>;
  declare readonly startedAt: pulumi.Output<string>;
  declare readonly finishedAt: pulumi.Output<string>;

  constructor(name: string, args: BootstrapReleaseArgs, options?: pulumi.CustomResourceOptions) {
    const outputs = { action: undefined, revision: undefined, startedAt: undefined, finishedAt: undefined };
    super(tokens.bootstrapRelease, name, { ...args, ...outputs }, ['kubeconfig'], options);
  }
}

/** Waits until Flux has reconciled the tip of the branch. Succeeds once and is not checked again. */
export class Handover extends PlatformResource {
  /** The commit (full SHA) that Flux had applied. */
  declare readonly revision: pulumi.Output<string>;
  declare readonly phasesSeconds: pulumi.Output<PhasesSeconds>;
  declare readonly finishedAt: pulumi.Output<string>;

  constructor(name: string, args: HandoverArgs, options?: pulumi.CustomResourceOptions) {
    const outputs = { revision: undefined, phasesSeconds: undefined, finishedAt: undefined };
    super(tokens.handover, name, { ...args, ...outputs }, ['kubeconfig', 'gitCredentials'], options);
  }
}

/**
 * A certificate authority in a 1Password vault: read if it exists, otherwise generated once, and regenerated only for a
 * rotation. Deleting it only removes it from the state.
 */
export class GeneratedCertificateAuthority extends PlatformResource {
  /** PEM. */
  declare readonly certificate: pulumi.Output<string>;
  /** PEM (PKCS #8), secret. */
  declare readonly privateKey: pulumi.Output<string>;
  /** PEM: the certificate, followed by the previous one if there is one. */
  declare readonly bundle: pulumi.Output<string>;
  /** ISO 8601. */
  declare readonly madeAt: pulumi.Output<string>;

  constructor(name: string, args: GeneratedCertificateAuthorityArgs, options?: pulumi.CustomResourceOptions) {
    const outputs = { certificate: undefined, privateKey: undefined, bundle: undefined, madeAt: undefined };
    super(tokens.generatedCertificateAuthority, name, { ...args, ...outputs }, ['connectToken', 'privateKey'], options);
  }
}

/**
 * A random secret in a field of a 1Password item: read if it exists, otherwise generated once, and regenerated only for
 * a rotation. Deleting it removes the field if the program generated it.
 */
export class GeneratedSecret extends PlatformResource {
  /** Secret. */
  declare readonly value: pulumi.Output<string>;
  /** ISO 8601. */
  declare readonly madeAt: pulumi.Output<string>;

  constructor(name: string, args: GeneratedSecretArgs, options?: pulumi.CustomResourceOptions) {
    const outputs = { value: undefined, madeAt: undefined };
    super(tokens.generatedSecret, name, { ...args, ...outputs }, ['connectToken', 'value'], options);
  }
}

/**
 * A cluster's machine secrets in a 1Password vault: those in the vault if there are any, otherwise the generated ones, which
 * are stored there. They never change; deleting it only removes them from the state.
 */
export class MachineSecrets extends PlatformResource {
  /** Secret. */
  declare readonly machineSecrets: pulumi.Output<MachineSecretsBundle>;
  /** The Talos version when the cluster was made: the default for the format of its machine configurations. */
  declare readonly talosVersion: pulumi.Output<string>;
  /** ISO 8601. */
  declare readonly madeAt: pulumi.Output<string>;

  constructor(name: string, args: MachineSecretsArgs, options?: pulumi.CustomResourceOptions) {
    const outputs = { machineSecrets: undefined, madeAt: undefined };
    const secret = ['connectToken', 'generated', 'machineSecrets'];
    super(tokens.machineSecrets, name, { ...args, ...outputs }, secret, options);
  }
}

/** An administrator's identity for the Talos API, issued by the machine CA; an `up` renews it during its last month. */
export class TalosIdentity extends PlatformResource {
  /** Secret. */
  declare readonly clientConfiguration: pulumi.Output<TalosClientConfiguration>;

  constructor(name: string, args: TalosIdentityArgs, options?: pulumi.CustomResourceOptions) {
    const secret = ['certificateAuthority', 'clientConfiguration'];
    super(tokens.talosIdentity, name, { ...args, clientConfiguration: undefined }, secret, options);
  }
}

/**
 * Fields of a 1Password item, kept at the values in the program. Fields that people added are preserved. Deleting it
 * removes the fields of the program, and the item if nothing else is in it.
 */
export class OnePasswordItem extends PlatformResource {
  constructor(name: string, args: OnePasswordItemArgs, options?: pulumi.CustomResourceOptions) {
    super(tokens.onePasswordItem, name, { ...args }, ['connectToken', 'fields'], options);
  }
}

/**
 * A Cloudflare tunnel whose ingress Git configures. One of that name that is not in the state is adopted; one that was deleted
 * in Cloudflare is created again by `pulumi up --refresh`. Its id is the tunnel's.
 */
export class Tunnel extends PlatformResource {
  constructor(name: string, args: TunnelArgs, options?: pulumi.CustomResourceOptions) {
    super(tokens.tunnel, name, { ...args }, ['apiToken', 'tunnelSecret'], options);
  }
}

/** Records when the first run reached a phase. */
export class PhaseStart extends PlatformResource {
  /** ISO 8601. */
  declare readonly startedAt: pulumi.Output<string>;

  constructor(name: string, args: PhaseStartArgs, options?: pulumi.CustomResourceOptions) {
    super(tokens.phaseStart, name, { ...args, startedAt: undefined }, [], options);
  }
}
