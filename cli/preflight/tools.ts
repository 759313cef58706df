import { runCommand } from '../../clients/process/runCommand';
import { requireHelm } from '../../clients/helm/helm';
import { failedBy, type Line, ok } from './checkResult';

/** A program that `up` needs, and how it is asked for its version. */
interface Tool {
  name: string;
  args: readonly string[];
  howToGet: string;
  /** The oldest that will do, with all newer of its major version; without one any will. */
  oldest?: string;
}

/** The program that the stack is raised with. */
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

/** Looks at charts' signatures, where they must be signed. */
export const cosignTool: Tool = {
  name: 'cosign',
  args: ['version'],
  howToGet:
    'install cosign (https://docs.sigstore.dev/cosign/system_config/installation), or set SOURCE_VERIFICATION to none',
};

/** One tool's line: whether it is on PATH, and its version. */
export async function checkTool({ name, args, howToGet, oldest }: Tool, signal: AbortSignal): Promise<Line> {
  const line = toolLine(name);
  try {
    const { stdout, stderr } = await runCommand({ file: name, args, env: process.env, signal, howToGet });
    const found = versionIn(`${stdout}\n${stderr}`);
    const problem = oldest === undefined ? undefined : tooOld(found, oldest);
    return problem === undefined ? ok(line, found ?? 'is there') : failedBy(line, `${problem}; ${howToGet}`, howToGet);
  } catch (error) {
    return failedByTool(name, error, howToGet, signal);
  }
}

/** Helm has its own check, which is the program's too. */
export async function checkHelm(signal: AbortSignal): Promise<Line> {
  try {
    await requireHelm(signal);
    return ok(toolLine('helm'), 'will do');
  } catch (error) {
    return failedByTool('helm', error, 'install Helm', signal);
  }
}

function failedByTool(name: string, error: unknown, otherwise: string, signal: AbortSignal): Line {
  signal.throwIfAborted();
  return failedBy(toolLine(name), (error as Error).message.replace(`${name}: `, ''), otherwise);
}

function toolLine(name: string): Pick<Line, 'id' | 'what'> {
  return { id: `tool:${name}`, what: `program ${name}` };
}

/** What is wrong with a version, if it is older than wanted or of another major number. */
export function tooOld(found: string | undefined, oldest: string): string | undefined {
  const [major = 0, minor = 0, patch = 0] = numbers(found ?? '');
  const [wantedMajor = 0, wantedMinor = 0, wantedPatch = 0] = numbers(oldest);
  const newEnough = minor > wantedMinor || (minor === wantedMinor && patch >= wantedPatch);
  if (found !== undefined && major === wantedMajor && newEnough) return undefined;
  return `found ${found ?? 'no version'}, expected at least ${oldest} and below ${wantedMajor + 1}`;
}

/** Node itself: it runs this. */
export function nodeLine(version: string, oldest: string): Line {
  const line = toolLine('node');
  const [major = 0, minor = 0] = numbers(version);
  const [wantedMajor = 0, wantedMinor = 0] = numbers(oldest);
  if (major > wantedMajor || (major === wantedMajor && minor >= wantedMinor)) return ok(line, version);
  return failedBy(line, `found ${version}, expected at least ${oldest}; install Node: https://nodejs.org`, '');
}

function versionIn(printed: string): string | undefined {
  return /v?\d+\.\d+(\.\d+)?[-+.\w]*/.exec(printed)?.[0];
}

function numbers(version: string): number[] {
  return (/\d+(\.\d+)*/.exec(version)?.[0] ?? '').split('.').map(Number);
}
