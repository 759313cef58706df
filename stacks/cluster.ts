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
import { SharedCertificateAuthority } from '../components/onepassword/sharedCertificateAuthority';
import { ControlPlane } from '../components/talos/controlPlane';
import { InstallerImages } from '../components/talos/installerImages';
import { Machines } from '../components/talos/machines';
import { hasCloudflare } from '../cluster/definition';
import { pullSecretData } from '../clients/git/credentials';
import { fieldAges, type SecretAge } from '../cluster/secretAges';
import { gitCredentials, requireCredentials, secretConfig, stackSecrets, tokenAges } from './credentials';
import { requireHelm } from './helm';
import { loadCluster } from './load';
import { repositoryRoot } from './repositoryRoot';
import { requireValid } from './requireValid';

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
  /** The errors of validate that this run ignored, as its environment asked for; absent if there were none. */
  ignoredFindings?: readonly string[];
}

/** What a run without engine gives the program instead of what is outside of Git. */
export interface Surroundings {
  /** The repository that describes the cluster. */
  root?: string;
  /** Reads the credentials of a private repository from the vault. */
  readGitCredentials?: typeof gitCredentials;
  /** Checks the tree, if its renderer is available. */
  validate?: typeof requireValid;
}

/** One cluster, from its machines to the handover to Flux. */
export async function clusterStack(
  name: string,
  { root = repositoryRoot, readGitCredentials = gitCredentials, validate = requireValid }: Surroundings = {},
): Promise<ClusterOutputs> {
  const { definition, bootstrap } = loadCluster(name, root);
  const isPreview = pulumi.runtime.isDryRun();
  const [ignored] = await Promise.all([
    validate(name, root, isPreview),
    ...(isPreview ? [] : [requireHelm(), requireCredentials(definition)]),
  ]);
  const git = await readGitCredentials(definition);
  const vault = { connect: definition.connect, writeToken: secretConfig('connectWriteToken') };

  const ciliumCa = new CiliumCertificateAuthority(name, { vault, rotation: definition.rotations.ciliumCa });
  const generated = new GeneratedSecrets(name, { definition, vault });
  const authorities = definition.authorities.map((authority) => ({
    authority,
    component: new SharedCertificateAuthority(name, { authority, vault, rotation: definition.rotations[authority] }),
  }));
  const tunnel = hasCloudflare(definition)
    ? new CloudflareTunnel(name, { definition, vault, apiToken: secretConfig('cloudflareApiToken') })
    : undefined;
  const inVault = [...(tunnel === undefined ? [] : [tunnel]), ...authorities.map(({ component }) => component)];

  const images = new InstallerImages(name, { definition });
  const machines = new Machines(
    name,
    { definition, stackSecrets: stackSecrets(definition), vault, images },
    // 1Password and Cloudflare may refuse, so they come before any machine is touched.
    { dependsOn: [ciliumCa, generated, ...inVault] },
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
      git:
        git === undefined || bootstrap.gitPullSecret === undefined
          ? undefined
          : { secret: bootstrap.gitPullSecret, data: pullSecretData(git) },
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
      gitCredentials: git,
      kustomizations: bootstrap.kustomizations,
      timeoutSeconds: definition.timeouts.handover,
      phases: {
        talos: { startedAt: machines.startedAt, finishedAt: controlPlane.finishedAt },
        crds: crds.phase,
        core: core.phase,
      },
    },
    // ExternalSecrets become ready once their values are in the vault.
    { dependsOn: [core, ...inVault, generated] },
  );

  return {
    kubeconfig: controlPlane.exportedKubeconfig,
    talosconfig: controlPlane.talosconfig,
    phasesSeconds: handover.phasesSeconds,
    revision: handover.revision,
    releases: core.releases,
    secretAges: pulumi
      .output({
        ciliumCa: ciliumCa.madeAt,
        ...Object.fromEntries(authorities.map(({ authority, component }) => [authority, component.madeAt])),
        ...tunnel?.madeAt,
        ...generated.madeAt,
      })
      .apply((madeAt) => ({ ...tokenAges(), ...fieldAges(definition, madeAt) })),
    ...(ignored.length > 0 && { ignoredFindings: ignored }),
  };
}
