import * as pulumi from '@pulumi/pulumi';
import type { ReleaseInput } from '../../cluster/bootstrapInputs';
import { BootstrapRelease } from '../../provider/resources/sdk';

export interface CoreArgs {
  /** Admin kubeconfig. Secret. */
  kubeconfig: pulumi.Input<string>;
  /** At least one, in installation order. */
  releases: readonly ReleaseInput[];
}

/** The bootstrap's result for one release. */
export interface ReleaseResult {
  action: string;
  revision: number;
}

/** Phase 1: the releases that Flux needs to run. Installs each one that is absent, one after another. */
export class Core extends pulumi.ComponentResource {
  /** Results of the first run, by release name. */
  readonly releases: Record<string, pulumi.Output<ReleaseResult>> = {};
  /** ISO times: the start of the first release and the end of the last one. */
  readonly phase: { startedAt: pulumi.Output<string>; finishedAt: pulumi.Output<string> };

  constructor(name: string, args: CoreArgs, opts?: pulumi.ComponentResourceOptions) {
    super('k8s-gitops:bootstrap:Core', name, {}, opts);
    const installed: BootstrapRelease[] = [];
    for (const release of args.releases) {
      const previous = installed.at(-1);
      const resource = new BootstrapRelease(
        `${name}-${release.name}`,
        { ...release, kubeconfig: pulumi.secret(args.kubeconfig) },
        { parent: this, dependsOn: previous ?? opts?.dependsOn },
      );
      this.releases[release.name] = pulumi.all([resource.action, resource.revision]).apply(([action, revision]) => ({
        action,
        revision,
      }));
      installed.push(resource);
    }
    const [first, last] = [installed[0], installed.at(-1)];
    if (first === undefined || last === undefined) throw new Error(`${name}: no core release to install`);
    this.phase = { startedAt: first.startedAt, finishedAt: last.finishedAt };
    this.registerOutputs({ releases: this.releases });
  }
}
