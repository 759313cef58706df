import * as pulumi from '@pulumi/pulumi';
import type { CrdSource } from '../../cluster/bootstrapInputs';
import { CustomResourceDefinitions } from '../../provider/resources/sdk';

export interface CrdsArgs {
  /** Admin kubeconfig. Secret. */
  kubeconfig: pulumi.Input<string>;
  /** In the order in which they are applied. */
  sources: readonly CrdSource[];
  timeoutSeconds: number;
}

/** Phase 0: the CustomResourceDefinitions that the core releases need before their owners can install them. */
export class Crds extends pulumi.ComponentResource {
  /** ISO times; the phase starts when the API responds. */
  readonly phase: { startedAt: pulumi.Output<string>; finishedAt: pulumi.Output<string> };

  constructor(name: string, args: CrdsArgs, opts?: pulumi.ComponentResourceOptions) {
    super('k8s-gitops:bootstrap:Crds', name, {}, opts);
    const definitions = new CustomResourceDefinitions(
      name,
      {
        kubeconfig: pulumi.secret(args.kubeconfig),
        sources: [...args.sources],
        timeoutSeconds: args.timeoutSeconds,
      },
      { parent: this },
    );
    this.phase = { startedAt: definitions.startedAt, finishedAt: definitions.finishedAt };
    this.registerOutputs({});
  }
}
