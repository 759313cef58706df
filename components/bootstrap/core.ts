import * as pulumi from '@pulumi/pulumi';
import type { ReleaseInput } from '../../cluster/bootstrapInputs';
import { BootstrapRelease } from '../../provider/resources/sdk';

export interface CoreArgs {
  /** Admin kubeconfig. Secret. */
  kubeconfig: pulumi.Input<string>;
  /** In the order in which they are installed; at least one. */
  releases: readonly ReleaseInput[];
}

/** What the bootstrap did about one release. */
export interface ReleaseResult {
  action: string;
  revision: number;
}

/** Phase 1: the releases that must run before Flux can, each installed only if it is absent, one after the other. */
export class Core extends pulumi.ComponentResource {
  /** By the release's name, what the first run did. */
  readonly releases: Record<string, pulumi.Output<ReleaseResult>> = {};
  /** ISO times, from the first release's start to the last one's end. */
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
