import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import * as path from 'node:path';
import { labTools } from '../../tools/manifest';
import { isPresent, isDownloaded, sourceModules, tools, type ToolMode } from '../../tools/toolchain';
import type { PluginChoice } from '../context';

/** A program that the lab needs on PATH. */
interface Requirement {
  program: string;
  /** Arguments that print the version. */
  versionArguments: string[];
  /** Minimum version: major and minor. */
  minimum: readonly [number, number];
  /** The only supported version. */
  exactly?: string;
  why: string;
  howToGet: string;
}

const git: Requirement = {
  program: 'git',
  versionArguments: ['--version'],
  minimum: [2, 30],
  why: 'the lab uses it to serve the checkout to Flux',
  howToGet: 'install it with your package manager, or from https://git-scm.com/downloads',
};

// Since 1.21, Go downloads the toolchain that a go.mod requires.
const go: Requirement = {
  program: 'go',
  versionArguments: ['version'],
  minimum: [1, 21],
  why: 'pinned tools must be built with it',
  howToGet: 'install Go 1.26 or later (https://go.dev/dl, or `mise install`)',
};

const officialPulumi: Requirement = {
  program: 'pulumi',
  versionArguments: ['version'],
  minimum: [3, 0],
  exactly: tools.pulumi.version,
  why: '--plugins official runs the installed CLI, tested as a pair with the SDK',
  howToGet: 'run `mise install`, or leave --plugins out',
};

/** Throws everything that is missing on this machine, before anything is built or started. */
export function checkPrerequisites(root: string, plugins: PluginChoice, mode?: ToolMode): void {
  const problems = [
    platformProblem(process.platform),
    nodeProblem(process.versions.node, minimumNode(root)),
    problemOf(git),
    mustBuild(mode) ? problemOf(go) : undefined,
    plugins === 'official' ? problemOf(officialPulumi) : undefined,
  ].filter((problem) => problem !== undefined);
  if (problems.length > 0) throw new Error(problems.join('\n'));
}

/** The lab reads /proc and listens on all of 127.0.0.0/8. */
export function platformProblem(platform: NodeJS.Platform): string | undefined {
  return platform === 'linux' ? undefined : `system: found ${platform}, expected linux; run the lab on a Linux machine`;
}

/** The problem with a Node version; undefined if it is supported. */
export function nodeProblem(found: string, minimum: readonly [number, number]): string | undefined {
  if (isAtLeast(found, minimum)) return undefined;
  return `node: found ${found}, expected at least ${minimum.join('.')}; run \`mise install\`, or see https://nodejs.org`;
}

/** The problem with a program, given its version output (undefined if it is missing); undefined if there is none. */
export function programProblem(requirement: Requirement, output: string | undefined): string | undefined {
  const { program, minimum, exactly, why, howToGet } = requirement;
  if (output === undefined) return `${program}: not found on PATH (${why}); ${howToGet}`;
  const [found] = /\d+\.\d+(\.\d+)?/.exec(output) ?? [];
  const good = exactly === undefined ? isAtLeast(found ?? '', minimum) : `v${found}` === exactly;
  if (good) return undefined;
  const expected = exactly ?? `at least ${minimum.join('.')}`;
  return `${program}: found ${found ?? 'no version'}, expected ${expected} (${why}); ${howToGet}`;
}

function problemOf(requirement: Requirement): string | undefined {
  const { error, stdout } = spawnSync(requirement.program, requirement.versionArguments, { encoding: 'utf8' });
  return programProblem(requirement, error === undefined ? stdout : undefined);
}

function isAtLeast(version: string, [major, minor]: readonly [number, number]): boolean {
  const [foundMajor = 0, foundMinor = 0] = version.split('.').map(Number);
  return foundMajor > major || (foundMajor === major && foundMinor >= minor);
}

/** From `engines` in package.json. */
function minimumNode(root: string): readonly [number, number] {
  const { engines } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')) as {
    engines: { node: string };
  };
  const [, major, minor] = /^>=(\d+)\.(\d+)$/.exec(engines.node) ?? [];
  return [Number(major), Number(minor)];
}

/** Whether Go is needed: for our own programs and modules at least, and for every tool that cannot be downloaded. */
function mustBuild(mode?: ToolMode): boolean {
  return !Object.keys(sourceModules).every(isDownloaded) || !labTools.every((name) => isPresent(name, { mode }));
}
