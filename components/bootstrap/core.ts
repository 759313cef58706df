import * as pulumi from '@pulumi/pulumi';
import type { ReleaseInput } from '../../cluster/bootstrapInputs';
import { BootstrapRelease } from '../../provider/resources/sdk';

export interface CoreArgs {
  /** Admin kubeconfig. Secret. */
  kubeconfig: pulumi.Input<string>;
  /** At least one stage with at least one release; a stage starts when the one before it is installed. */
  stages: readonly (readonly ReleaseInput[])[];
}

/** The bootstrap's result for one release. */
export interface ReleaseResult {
  action: string;
  revision: number;
}

/** Phase 1: the releases that Flux needs to run. Installs each one that is absent, stage by stage. */
export class Core extends pulumi.ComponentResource {
  /** Results of the first run, by release name. */
  readonly releases: Record<string, pulumi.Output<ReleaseResult>> = {};
  /** ISO times: the start of the first release and the end of the last one. */
  readonly phase: { startedAt: pulumi.Output<string>; finishedAt: pulumi.Output<string> };

  constructor(name: string, args: CoreArgs, opts?: pulumi.ComponentResourceOptions) {
    super('k8s-gitops:bootstrap:Core', name, {}, opts);
    const installed: BootstrapRelease[] = [];
    let dependsOn = opts?.dependsOn;
    for (const stage of args.stages) {
      const resources = stage.map((release) => this.install(name, release, args.kubeconfig, dependsOn));
      installed.push(...resources);
      dependsOn = resources;
    }
    if (installed.length === 0) throw new Error(`${name}: no core release to install`);
    // ISO times of one format sort as text.
    this.phase = {
      startedAt: pulumi.all(installed.map(({ startedAt }) => startedAt)).apply((times) => times.sort()[0] ?? ''),
      finishedAt: pulumi.all(installed.map(({ finishedAt }) => finishedAt)).apply((times) => times.sort().at(-1) ?? ''),
    };
    this.registerOutputs({ releases: this.releases });
  }

  private install(
    name: string,
    release: ReleaseInput,
    kubeconfig: pulumi.Input<string>,
    dependsOn: pulumi.ComponentResourceOptions['dependsOn'],
  ): BootstrapRelease {
    const inputs = { ...release, kubeconfig: pulumi.secret(kubeconfig) };
    const resource = new BootstrapRelease(`${name}-${release.name}`, inputs, { parent: this, dependsOn });
    const { action, revision } = resource;
    this.releases[release.name] = pulumi.output({ action, revision });
    return resource;
  }
}
