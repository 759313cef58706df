import * as pulumi from '@pulumi/pulumi';
import type { GitCredentials } from '../../clients/git/credentials';
import { fluxNamespace } from '../../cluster/bootstrapOrder';
import type { ClusterDefinition } from '../../cluster/definition';
import { Handover } from '../../provider/resources/sdk';

/** ISO times of one phase. */
export interface PhaseTimes {
  startedAt: pulumi.Input<string>;
  finishedAt: pulumi.Input<string>;
}

export interface FluxHandoverArgs {
  /** Admin kubeconfig. Secret. */
  kubeconfig: pulumi.Input<string>;
  cluster: string;
  git: ClusterDefinition['git'];
  /** Those of a private repository. Secret. */
  gitCredentials: GitCredentials | undefined;
  /** Names of the Kustomizations in this checkout. */
  kustomizations: readonly string[];
  timeoutSeconds: number;
  phases: { talos: PhaseTimes; crds: PhaseTimes; core: PhaseTimes };
}

/** Phase 2: waits once until Flux has reconciled the head of the branch and everything in it is ready. */
export class FluxHandover extends pulumi.ComponentResource {
  /** The commit that Flux reconciled. */
  readonly revision: pulumi.Output<string>;
  /** Duration of each phase of the first run. */
  readonly phasesSeconds: Handover['phasesSeconds'];

  constructor(name: string, args: FluxHandoverArgs, opts?: pulumi.ComponentResourceOptions) {
    super('k8s-gitops:flux:FluxHandover', name, {}, opts);
    const handover = new Handover(
      name,
      {
        kubeconfig: pulumi.secret(args.kubeconfig),
        cluster: args.cluster,
        gitUrl: args.git.url,
        gitBranch: args.git.branch,
        ...(args.gitCredentials !== undefined && { gitCredentials: pulumi.secret(args.gitCredentials) }),
        fluxNamespace,
        kustomizations: [...args.kustomizations],
        timeoutSeconds: args.timeoutSeconds,
        phases: args.phases,
      },
      { parent: this, dependsOn: opts?.dependsOn },
    );
    this.revision = handover.revision;
    this.phasesSeconds = handover.phasesSeconds;
    this.registerOutputs({ revision: this.revision, phasesSeconds: this.phasesSeconds });
  }
}
