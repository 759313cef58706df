import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'json5';
import { minimatch } from 'minimatch';
import { RE2JS } from 're2js';

export const root = join(__dirname, '..', '..');

/** A rule of `packageRules`, as far as this file uses them. */
export interface PackageRule {
  matchFileNames?: string[];
  matchDepNames?: string[];
  matchManagers?: string[];
  matchDepTypes?: string[];
  groupName?: string;
  enabled?: boolean;
  [setting: string]: unknown;
}

/** renovate.json5. */
export interface RenovateConfig {
  enabledManagers: string[];
  ignorePaths: string[];
  minimumReleaseAge: string;
  customManagers: {
    customType: string;
    managerFilePatterns: string[];
    matchStrings: string[];
    datasourceTemplate?: string;
  }[];
  packageRules: PackageRule[];
}

export const config = parse<RenovateConfig>(readFileSync(join(root, 'renovate.json5'), 'utf8'));

/** A version that a manager finds, and where. */
export interface Found {
  manager: string;
  file: string;
  line: number;
  depName: string;
  depType?: string;
  datasource?: string;
  value: string;
}

/** Whether a pattern of Renovate fits: `/regex/`, or a glob (docs.renovatebot.com, "String pattern matching"). */
export function fits(pattern: string, text: string): boolean {
  const [, regex] = /^\/(.*)\/$/s.exec(pattern) ?? [];
  if (regex === undefined) return minimatch(text, pattern, { dot: true });
  return RE2JS.compile(regex).matcher(text).find();
}

/** Applies the custom managers of the configuration to a file, with Renovate's kind of regular expressions. */
export function customMatches(file: string, text: string): Found[] {
  return config.customManagers.flatMap(({ managerFilePatterns, matchStrings, datasourceTemplate }) => {
    if (!managerFilePatterns.some((pattern) => fits(pattern, file))) return [];
    return matchStrings.flatMap((pattern) => {
      const found: Found[] = [];
      const matcher = RE2JS.compile(pattern.replaceAll('(?<', '(?P<')).matcher(text);
      const group = (name: string): string | undefined =>
        pattern.includes(`(?<${name}>`) ? (matcher.group(name) ?? undefined) : undefined;
      while (matcher.find()) {
        const line = text.slice(0, matcher.start('currentValue')).split('\n').length;
        const [depName = '', value = ''] = [group('depName'), group('currentValue')];
        found.push({
          manager: 'custom.regex',
          file,
          line,
          depName,
          value,
          datasource: group('datasource') ?? datasourceTemplate,
        });
      }
      return found;
    });
  });
}

/** The settings that the rules give a dependency; later rules win, as in Renovate. */
export function settingsOf({ manager, file, depName, depType }: Found): PackageRule {
  const known = ['matchFileNames', 'matchDepNames', 'matchManagers', 'matchDepTypes'];
  const ofRule = (rule: PackageRule): boolean => {
    const unknown = Object.keys(rule).filter((key) => key.startsWith('match') && !known.includes(key));
    if (unknown.length > 0) throw new Error(`the test does not know ${unknown.join(', ')}`);
    const { matchFileNames, matchDepNames, matchManagers, matchDepTypes } = rule;
    return (
      (matchFileNames?.some((pattern) => fits(pattern, file)) ?? true) &&
      (matchDepNames?.some((pattern) => fits(pattern, depName)) ?? true) &&
      (matchManagers?.includes(manager) ?? true) &&
      (matchDepTypes?.includes(depType ?? '') ?? true)
    );
  };
  return Object.assign({}, ...config.packageRules.filter(ofRule)) as PackageRule;
}
