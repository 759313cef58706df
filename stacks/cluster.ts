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
import { requireCredentials, secretConfig } from './credentials';
import { requireHelm } from './helm';
import { loadCluster } from './load';

/** What a stack gives out. Nothing in it changes from one run to the next by itself. */
export interface ClusterOutputs {
  /** Admin kubeconfig with the API's DNS name. Secret. */
  kubeconfig: pulumi.Output<string>;
  /** Secret. */
  talosconfig: pulumi.Output<string>;
  /** How long each phase of the first run took. */
  phasesSeconds: FluxHandover['phasesSeconds'];
  /** The commit that was handed over to Flux. */
  revision: FluxHandover['revision'];
  /** What the first run did about each core release. */
  releases: Core['releases'];
}

/** One cluster, from its machines to the handover to Flux. */
export async function clusterStack(name: string): Promise<ClusterOutputs> {
  const { definition, bootstrap } = loadCluster(name);
  if (!pulumi.runtime.isDryRun()) await Promise.all([requireHelm(), requireCredentials(definition)]);
  const vault = { connect: definition.connect, writeToken: secretConfig('connectWriteToken') };

  const ciliumCa = new CiliumCertificateAuthority(name, { vault, rotation: definition.rotations.ciliumCa });
  const generated = new GeneratedSecrets(name, { definition, vault });
  const tunnel = new CloudflareTunnel(name, { definition, vault, apiToken: secretConfig('cloudflareApiToken') });

  const image = new InstallerImage(name, { definition });
  const machines = new Machines(
    name,
    { definition, installerImage: image.url },
    // What others must allow, the vault and Cloudflare, is done before any machine is touched; and a run that is killed
    // among the machines has recorded its tunnel, which Cloudflare would not make twice.
    { dependsOn: [ciliumCa, generated, tunnel] },
  );
  const controlPlane = new ControlPlane(
    name,
    { definition, clientConfiguration: machines.clientConfiguration },
    // All of them, though one would do: etcd is born once, so every machine has accepted its configuration before.
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
    // A provider that finds the API down stays without it for the whole run; the CRDs have waited for it.
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
  const core = new Core(name, { kubeconfig, releases: bootstrap.releases }, { dependsOn: prerequisites });

  const handover = new FluxHandover(
    name,
    {
      kubeconfig,
      git: definition.git,
      kustomizations: bootstrap.kustomizations,
      timeoutSeconds: definition.timeouts.handover,
      phases: { talos: controlPlane.phase, crds: crds.phase, core: core.phase },
    },
    // The manifests' ExternalSecrets are ready once these have put their values into the vault.
    { dependsOn: [core, tunnel, generated] },
  );

  return {
    kubeconfig: controlPlane.exportedKubeconfig,
    talosconfig: controlPlane.talosconfig,
    phasesSeconds: handover.phasesSeconds,
    revision: handover.revision,
    releases: core.releases,
  };
}
