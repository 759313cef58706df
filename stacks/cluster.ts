import * as pulumi from '@pulumi/pulumi';
import { Core } from '../components/bootstrap/core';
import { Crds } from '../components/bootstrap/crds';
import { kubernetesProvider } from '../components/bootstrap/kubernetesProvider';
import { BootstrapPrerequisites } from '../components/bootstrap/prerequisites';
import { CloudflareTunnel } from '../components/cloudflare/tunnel';
import { FluxHandover } from '../components/flux/fluxHandover';
import { CiliumCertificateAuthority } from '../components/onepassword/ciliumCertificateAuthority';
import { ClusterAccess } from '../components/onepassword/clusterAccess';
import { GeneratedSecrets } from '../components/onepassword/generatedSecrets';
import { ControlPlane } from '../components/talos/controlPlane';
import { InstallerImage } from '../components/talos/installerImage';
import { Machines } from '../components/talos/machines';
import { fieldAges, type SecretAge } from '../cluster/secretAges';
import { requireCredentials, secretConfig, tokenAges } from './credentials';
import { requireHelm } from './helm';
import { loadCluster } from './load';
import { repositoryRoot } from './repositoryRoot';

/** The outputs of a stack. None of them changes between runs on its own. */
export interface ClusterOutputs {
  /** Admin kubeconfig that names the API by DNS. Secret. */
  kubeconfig: pulumi.Output<string>;
  /** Secret. */
  talosconfig: pulumi.Output<string>;
  /** Seconds that each phase of the first run took. */
  phasesSeconds: FluxHandover['phasesSeconds'];
  /** The commit that was handed over to Flux. */
  revision: FluxHandover['revision'];
  /** What the first run did with each core release. */
  releases: Core['releases'];
  /** The age of each secret that the program knows, for a run that looks for drift. No secret. */
  secretAges: pulumi.Output<Record<string, SecretAge>>;
}

/**
 * One cluster, from its machines to the handover to Flux.
 * @param root the repository that describes it
 */
export async function clusterStack(name: string, root = repositoryRoot): Promise<ClusterOutputs> {
  const { definition, bootstrap } = loadCluster(name, root);
  if (!pulumi.runtime.isDryRun()) await Promise.all([requireHelm(), requireCredentials(definition)]);
  const vault = { connect: definition.connect, writeToken: secretConfig('connectWriteToken') };

  const ciliumCa = new CiliumCertificateAuthority(name, { vault, rotation: definition.rotations.ciliumCa });
  const generated = new GeneratedSecrets(name, { definition, vault });
  const tunnel = new CloudflareTunnel(name, { definition, vault, apiToken: secretConfig('cloudflareApiToken') });

  const image = new InstallerImage(name, { definition });
  const machines = new Machines(
    name,
    { definition, installerImage: image.url },
    // 1Password and Cloudflare may refuse, so they come before any machine is touched.
    { dependsOn: [ciliumCa, generated, tunnel] },
  );
  const controlPlane = new ControlPlane(
    name,
    { definition, clientConfiguration: machines.clientConfiguration },
    // One configured machine would be enough. Waiting for all of them ensures that every machine has accepted its
    // configuration before etcd is bootstrapped, which happens only once.
    { dependsOn: machines },
  );
  const { kubeconfig } = controlPlane;
  new ClusterAccess(name, {
    definition,
    vault,
    kubeconfig: controlPlane.exportedKubeconfig,
    talosconfig: controlPlane.talosconfig,
  });

  const crds = new Crds(name, { kubeconfig, sources: bootstrap.crds, timeoutSeconds: definition.timeouts.crds });
  const provider = kubernetesProvider(
    name,
    { cluster: name, kubeconfig },
    // A provider that cannot reach the API when it starts gives up for the whole run. Once the CRDs are applied, the API
    // is ready.
    { dependsOn: crds },
  );
  const prerequisites = new BootstrapPrerequisites(
    name,
    {
      connectTokenSecret: definition.connect.tokenSecret,
      connectToken: secretConfig('connectToken'),
      ciliumCa,
    },
    { providers: [provider], dependsOn: crds },
  );
  const core = new Core(name, { kubeconfig, stages: bootstrap.stages }, { dependsOn: prerequisites });

  const handover = new FluxHandover(
    name,
    {
      kubeconfig,
      cluster: name,
      git: definition.git,
      kustomizations: bootstrap.kustomizations,
      timeoutSeconds: definition.timeouts.handover,
      phases: {
        talos: { startedAt: machines.startedAt, finishedAt: controlPlane.finishedAt },
        crds: crds.phase,
        core: core.phase,
      },
    },
    // ExternalSecrets become ready once their values are in the vault.
    { dependsOn: [core, tunnel, generated] },
  );

  return {
    kubeconfig: controlPlane.exportedKubeconfig,
    talosconfig: controlPlane.talosconfig,
    phasesSeconds: handover.phasesSeconds,
    revision: handover.revision,
    releases: core.releases,
    secretAges: pulumi
      .output({ ciliumCa: ciliumCa.madeAt, tunnelSecret: tunnel.secretMadeAt, ...generated.madeAt })
      .apply((madeAt) => ({ ...tokenAges(), ...fieldAges(definition, madeAt) })),
  };
}
