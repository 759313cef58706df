import { runCommand, tailOf, type CommandResult } from '../process/runCommand';
import { withTempDir } from '../process/tempDir';
import { UserError } from '../userError';
import { helmEnvironment } from './environment';
import { kubeconfigFile } from './kubeconfigFile';
import { type ChartSigner, verifyChart } from './verifyChart';

/** A chart and the release to render or install it as. */
export interface HelmRelease {
  releaseName: string;
  namespace: string;
  /** `oci://…` */
  chartUrl: string;
  version: string;
  /** Accepted signers of the chart; without them, signatures are not verified. */
  signedBy?: readonly ChartSigner[];
  /** JSON. Passed on standard input, because values may contain secrets. */
  values: string;
}

const howToGet = 'install Helm 3.17 or newer, below 4: https://helm.sh/docs/intro/install/';
let checked: Promise<void> | undefined;

/** Throws unless the helm on PATH is at least 3.17 (`--take-ownership`) and below 4. Checked once per process. */
export function requireHelm(signal: AbortSignal): Promise<void> {
  checked ??= checkVersion(signal).catch((error: unknown) => {
    checked = undefined;
    throw error;
  });
  return checked;
}

async function checkVersion(signal: AbortSignal): Promise<void> {
  const args = ['version', '--template', '{{.Version}}'];
  const { stdout } = await runCommand({ file: 'helm', args, signal, howToGet, env: process.env });
  const problem = helmVersionProblem(stdout);
  if (problem) throw new UserError(problem);
}

/** The problem with a Helm version, as `helm version` prints it; undefined if the version is supported. */
export function helmVersionProblem(version: string): string | undefined {
  const [, major, minor] = /^v?(\d+)\.(\d+)\./.exec(version.trim()) ?? [];
  if (Number(major) === 3 && Number(minor) >= 17) return undefined;
  return `helm: found ${version.trim() || 'no version'}, expected at least v3.17 and below v4; ${howToGet}`;
}

/** The manifests of a release as one YAML stream, including those in `crds/` of the chart. Needs no cluster. */
export async function helmTemplate(release: HelmRelease, signal: AbortSignal): Promise<string> {
  await requireHelm(signal);
  await verifyChart(release, signal);
  return withTempDir(async (directory) => {
    const env = await helmEnvironment(directory);
    const args = ['template', ...chartArguments(release), '--include-crds', '--values', '-'];
    const result = await runCommand({ file: 'helm', args, input: release.values, env, cwd: directory, signal });
    if (result.code !== 0) throw new UserError(failure('render', release, result));
    return result.stdout;
  });
}

/**
 * Installs a release and, if `wait` is set, waits until its workloads are ready; hooks are always waited for. Takes
 * over existing objects, such as CRDs that were applied earlier.
 *
 * @throws UserError with the last lines that helm printed
 */
export async function helmInstall(
  release: HelmRelease,
  target: { kubeconfig: string; server: string; timeoutSeconds: number; wait: boolean },
  signal: AbortSignal,
): Promise<void> {
  await requireHelm(signal);
  await verifyChart(release, signal);
  await withTempDir(async (directory) => {
    const kubeconfig = await kubeconfigFile(directory, target.kubeconfig);
    const env = await helmEnvironment(directory, { kubeconfigPath: kubeconfig.path, server: target.server });
    const timeout = `${Math.ceil(target.timeoutSeconds)}s`;
    const waiting = ['--take-ownership', ...(target.wait ? ['--wait'] : []), '--timeout', timeout];
    const args = ['install', ...chartArguments(release), ...waiting, '--values', '-'];
    const { files } = kubeconfig;
    const command = { file: 'helm', args, input: release.values, env, cwd: directory, files, signal };
    try {
      const result = await runCommand(command);
      if (result.code !== 0) throw new UserError(failure('install', release, result));
    } finally {
      await kubeconfig.close();
    }
  });
}

function chartArguments(release: HelmRelease): string[] {
  const { releaseName, chartUrl, version, namespace } = release;
  return [releaseName, chartUrl, '--version', version, '--namespace', namespace];
}

function failure(verb: string, release: HelmRelease, result: CommandResult): string {
  const { namespace, releaseName, chartUrl, version } = release;
  return `helm could not ${verb} ${namespace}/${releaseName} (${chartUrl} ${version}):\n${tailOf(result.stderr)}`;
}
