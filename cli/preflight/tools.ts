import { runCommand } from '../../clients/process/runCommand';
import { requireHelm } from '../../clients/helm/helm';
import { type Check, type CheckResult, failedWith, ok } from './checkResult';

/** A program that `up` needs. */
interface Tool {
  name: string;
  /** Arguments that print its version. */
  args: readonly string[];
  howToGet: string;
  /** The minimum version, within its major version; any version if absent. */
  oldest?: string;
}

export const pulumiTool: Tool = {
  name: 'pulumi',
  args: ['version'],
  howToGet: 'install the Pulumi CLI: https://www.pulumi.com/docs/install/',
};

export const gitTool: Tool = {
  name: 'git',
  args: ['--version'],
  howToGet: 'install Git: https://git-scm.com/downloads',
};

/** Verifies the signatures of charts that must be signed. */
export const cosignTool: Tool = {
  name: 'cosign',
  args: ['version'],
  howToGet:
    'install cosign (https://docs.sigstore.dev/cosign/system_config/installation), or set SOURCE_VERIFICATION to none',
};

/** Checks that a tool is on PATH, and its version. */
export async function checkTool({ name, args, howToGet, oldest }: Tool, signal: AbortSignal): Promise<CheckResult> {
  const check = toolCheck(name);
  try {
    const { stdout, stderr } = await runCommand({ file: name, args, env: process.env, signal, howToGet });
    const found = versionIn(`${stdout}\n${stderr}`);
    const problem = oldest === undefined ? undefined : tooOld(found, oldest);
    if (problem === undefined) return ok(check, found ?? 'installed');
    return failedWith(check, `${problem}; ${howToGet}`, howToGet);
  } catch (error) {
    return toolFailed(name, error, howToGet, signal);
  }
}

/** Checks Helm the same way as the program does. */
export async function checkHelm(signal: AbortSignal): Promise<CheckResult> {
  try {
    await requireHelm(signal);
    return ok(toolCheck('helm'), 'supported version');
  } catch (error) {
    return toolFailed('helm', error, 'install Helm', signal);
  }
}

function toolFailed(name: string, error: unknown, defaultFix: string, signal: AbortSignal): CheckResult {
  signal.throwIfAborted();
  return failedWith(toolCheck(name), (error as Error).message.replace(`${name}: `, ''), defaultFix);
}

function toolCheck(name: string): Check {
  return { id: `tool:${name}`, what: `program ${name}` };
}

/** The problem with a version that is older than `oldest` or of another major version; undefined if there is none. */
export function tooOld(found: string | undefined, oldest: string): string | undefined {
  const [major = 0, minor = 0, patch = 0] = numbers(found ?? '');
  const [wantedMajor = 0, wantedMinor = 0, wantedPatch = 0] = numbers(oldest);
  const newEnough = minor > wantedMinor || (minor === wantedMinor && patch >= wantedPatch);
  if (found !== undefined && major === wantedMajor && newEnough) return undefined;
  return `found ${found ?? 'no version'}, expected at least ${oldest} and below ${wantedMajor + 1}`;
}

/** Checks the version of the Node that runs preflight. */
export function checkNodeVersion(version: string, oldest: string): CheckResult {
  const check = toolCheck('node');
  const [major = 0, minor = 0] = numbers(version);
  const [wantedMajor = 0, wantedMinor = 0] = numbers(oldest);
  if (major > wantedMajor || (major === wantedMajor && minor >= wantedMinor)) return ok(check, version);
  return failedWith(check, `found ${version}, expected at least ${oldest}; install Node: https://nodejs.org`, '');
}

function versionIn(output: string): string | undefined {
  return /v?\d+\.\d+(\.\d+)?[-+.\w]*/.exec(output)?.[0];
}

function numbers(version: string): number[] {
  return (/\d+(\.\d+)*/.exec(version)?.[0] ?? '').split('.').map(Number);
}
