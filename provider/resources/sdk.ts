import * as pulumi from '@pulumi/pulumi';
import type { TalosClientConfiguration } from '../../clients/talos/identity';
import type {
  BootstrapReleaseInputs,
  CrdSource,
  CustomResourceDefinitionsInputs,
  EtcdBootstrapInputs,
  HandoverInputs,
  PhasesSeconds,
  PhaseTimes,
  GeneratedCertificateAuthorityInputs,
  OnePasswordItemInputs,
  GeneratedSecretInputs,
} from './inputs';
import { formerTokens, tokens } from './tokens';

/** The same shape with an Output allowed in place of every property. */
export type Args<T> = { [K in keyof T]: pulumi.Input<T[K]> };

export type EtcdBootstrapArgs = Args<Omit<EtcdBootstrapInputs, 'clientConfiguration'>> & {
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
export type OnePasswordItemArgs = Args<Omit<OnePasswordItemInputs, 'fields'>> & {
  fields: pulumi.Input<Record<string, pulumi.Input<string>>>;
};

/**
 * Options every resource of ours has: `secrets` stay secret in state whatever a program or an old state says, and a state
 * that knows the resource under its former type keeps it.
 */
function ownOptions(
  options: pulumi.CustomResourceOptions | undefined,
  secrets: string[],
  token?: string,
): pulumi.CustomResourceOptions {
  const aliases = Object.entries(formerTokens)
    .filter(([, current]) => current === token)
    .map(([former]) => ({ type: former }));
  return pulumi.mergeOptions(options ?? {}, { additionalSecretOutputs: secrets, aliases });
}

/**
 * Etcd, bootstrapped once on one control plane. A node whose etcd already runs is a success; a node that belongs to
 * another cluster is refused. Deleting it only forgets it.
 */
export class EtcdBootstrap extends pulumi.CustomResource {
  /** When the wait for the node began. */
  declare readonly startedAt: pulumi.Output<string>;
  declare readonly finishedAt: pulumi.Output<string>;
  declare readonly bootstrappedBy: pulumi.Output<'this run' | 'already'>;

  constructor(name: string, args: EtcdBootstrapArgs, options?: pulumi.CustomResourceOptions) {
    const outputs = { startedAt: undefined, finishedAt: undefined, bootstrappedBy: undefined };
    super(tokens.etcdBootstrap, name, { ...args, ...outputs }, ownOptions(options, ['clientConfiguration']));
  }
}

/**
 * CustomResourceDefinitions of charts and Git folders, applied once the API server answers and left to the releases
 * that own them. No definition is a Pulumi resource; deleting this one deletes none.
 */
export class CustomResourceDefinitions extends pulumi.CustomResource {
  /** Names of all definitions, sorted. */
  declare readonly names: pulumi.Output<string[]>;
  declare readonly startedAt: pulumi.Output<string>;
  declare readonly finishedAt: pulumi.Output<string>;

  constructor(name: string, args: CustomResourceDefinitionsArgs, options?: pulumi.CustomResourceOptions) {
    const outputs = { names: undefined, startedAt: undefined, finishedAt: undefined };
    super(tokens.customResourceDefinitions, name, { ...args, ...outputs }, ownOptions(options, ['kubeconfig']));
  }
}

/**
 * A Helm release that is installed only if it is absent and belongs to Flux afterwards: chart, version and values never
 * count as a change, and deleting it uninstalls nothing.
 */
export class BootstrapRelease extends pulumi.CustomResource {
  declare readonly action: pulumi.Output<'installed' | 'found' | 'owned-by-flux'>;
  /** Helm's revision number after the action; 0 where Flux owns the release and has not installed it yet. */
  declare readonly revision: pulumi.Output<number>;
  declare readonly startedAt: pulumi.Output<string>;
  declare readonly finishedAt: pulumi.Output<string>;

  constructor(name: string, args: BootstrapReleaseArgs, options?: pulumi.CustomResourceOptions) {
    const outputs = { action: undefined, revision: undefined, startedAt: undefined, finishedAt: undefined };
    super(tokens.bootstrapRelease, name, { ...args, ...outputs }, ownOptions(options, ['kubeconfig']));
  }
}

/** The wait until Flux has reconciled the tip of the branch; passes once, and is never compared again. */
export class Handover extends pulumi.CustomResource {
  /** The commit (full SHA) that Flux had applied. */
  declare readonly revision: pulumi.Output<string>;
  declare readonly phasesSeconds: pulumi.Output<PhasesSeconds>;
  declare readonly finishedAt: pulumi.Output<string>;

  constructor(name: string, args: HandoverArgs, options?: pulumi.CustomResourceOptions) {
    const outputs = { revision: undefined, phasesSeconds: undefined, finishedAt: undefined };
    super(tokens.handover, name, { ...args, ...outputs }, ownOptions(options, ['kubeconfig']));
  }
}

/**
 * A certificate authority kept in a 1Password vault: read where it exists, made once where not, and made anew only for a
 * rotation. Deleting it only forgets it.
 */
export class GeneratedCertificateAuthority extends pulumi.CustomResource {
  /** PEM. */
  declare readonly certificate: pulumi.Output<string>;
  /** PEM (PKCS #8), secret. */
  declare readonly privateKey: pulumi.Output<string>;
  /** PEM: the certificate, then the one before it if there was one. */
  declare readonly bundle: pulumi.Output<string>;
  /** ISO 8601. */
  declare readonly madeAt: pulumi.Output<string>;

  constructor(name: string, args: GeneratedCertificateAuthorityArgs, options?: pulumi.CustomResourceOptions) {
    const outputs = { certificate: undefined, privateKey: undefined, bundle: undefined, madeAt: undefined };
    super(
      tokens.generatedCertificateAuthority,
      name,
      { ...args, ...outputs },
      ownOptions(options, ['connectToken', 'privateKey'], tokens.generatedCertificateAuthority),
    );
  }
}

/**
 * A random secret in a field of an item of a 1Password vault: what is there is taken, what is missing is made, and it is
 * made anew only for a rotation. Deleting it removes the field if the program made it.
 */
export class GeneratedSecret extends pulumi.CustomResource {
  /** Secret. */
  declare readonly value: pulumi.Output<string>;
  /** ISO 8601. */
  declare readonly madeAt: pulumi.Output<string>;

  constructor(name: string, args: GeneratedSecretArgs, options?: pulumi.CustomResourceOptions) {
    const outputs = { value: undefined, madeAt: undefined };
    super(
      tokens.generatedSecret,
      name,
      { ...args, ...outputs },
      ownOptions(options, ['connectToken', 'value'], tokens.generatedSecret),
    );
  }
}

/**
 * Fields of an item of a 1Password vault, kept as the program has them. What people put into the item stays; deleting it
 * removes the program's fields, and the item when nothing else is in it.
 */
export class OnePasswordItem extends pulumi.CustomResource {
  constructor(name: string, args: OnePasswordItemArgs, options?: pulumi.CustomResourceOptions) {
    super(
      tokens.onePasswordItem,
      name,
      { ...args },
      ownOptions(options, ['connectToken', 'fields'], tokens.onePasswordItem),
    );
  }
}
