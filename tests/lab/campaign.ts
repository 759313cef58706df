import { execFileSync } from 'node:child_process';
import * as path from 'node:path';
import { always, sampled } from './order.json';

/** Environment variable: `full` runs every part of every campaign, another text is the seed instead of the commit. */
export const campaignVariable = 'LAB_CAMPAIGN';

/**
 * Chooses which parts of a campaign run: `count` of them by a seed, so that every commit runs a different sample and repeats its own.
 * @returns for a part, jest's `test`, or `test.skip` where the sample is without it
 */
export function campaign(parts: readonly string[], count: number): (part: string) => jest.It {
  const chosen = sample(parts, count, seedOfCampaign());
  return (part) => {
    if (!parts.includes(part)) throw new Error(`the campaign has no part ${part}`);
    return chosen.includes(part) ? test : test.skip;
  };
}

/** What chooses the samples: the commit, unless the variable is set. */
export function seedOfCampaign(): string {
  return process.env[campaignVariable] ?? commit();
}

/** How many of the sampled files run for a commit: the suite must not take longer than half an hour. */
const sampledCount = 1;

/** The files of the suite by name, in their order: those that run, and those that are left out of the sample. */
export function sampledFiles(seed = seedOfCampaign()): { run: string[]; left: string[] } {
  const chosen = sample(sampled, sampledCount, seed);
  return { run: [...always, ...chosen], left: sampled.filter((name) => !chosen.includes(name)) };
}

/** `count` consecutive parts, the first of which follows from the seed; all of them for the seed `full`. */
export function sample(parts: readonly string[], count: number, seed: string): string[] {
  if (seed === 'full') return [...parts];
  const first = [...seed].reduce((sum, character) => (sum * 31 + character.charCodeAt(0)) % 65_521, 7) % parts.length;
  return parts.filter((_, index) => (index - first + parts.length) % parts.length < count);
}

function commit(): string {
  const cwd = path.resolve(__dirname, '..', '..');
  return execFileSync('git', ['rev-parse', 'HEAD'], { cwd, encoding: 'utf8' }).trim();
}
