import { customMatches, type Found } from './config';

/**
 * What Renovate's managers find in a file. The built-in ones are imitated from their sources (renovate 44.39,
 * lib/modules/manager): file patterns and what they extract, no more than this repository needs.
 */
export function foundIn(file: string, text: string): Found[] {
  const found = [...customMatches(file, text)];
  if (/(^|\/)package\.json$/.test(file)) found.push(...npm(file, text));
  if (/(^|\/)go\.mod$/.test(file)) found.push(...gomod(file, text));
  const isWorkflow = /(^|\/)(workflow-templates|\.(?:github|gitea|forgejo)\/(?:workflows|actions))\/.+\.ya?ml$/;
  if (isWorkflow.test(file) || /(^|\/)action\.ya?ml$/.test(file)) found.push(...githubActions(file, text));
  return found;
}

type Line = [line: number, text: string];
const linesOf = (text: string): Line[] => text.split('\n').map((line, index) => [index + 1, line]);

function npm(file: string, text: string): Found[] {
  let depType = '';
  return linesOf(text).flatMap(([line, content]) => {
    depType = /^ {2}"(\w+)": \{/.exec(content)?.[1] ?? depType;
    const [, depName = '', value = ''] = /^ {4}"([^"]+)": "([^"]+)"/.exec(content) ?? [];
    const isDependency = ['dependencies', 'devDependencies', 'engines'].includes(depType) && depName !== '';
    // A package of this repository has no version.
    return isDependency && !value.startsWith('file:') ? [{ manager: 'npm', file, line, depName, depType, value }] : [];
  });
}

/** Direct requirements, and the indirect one that is the module of a `tool`: the longest that begins its path. */
function gomod(file: string, text: string): Found[] {
  const tools = [...text.matchAll(/^(?:tool\s+|\s+)([\w./-]+)$/gm)].map((match) => `${match[1]}/`);
  const required = linesOf(text).flatMap(([line, content]) => {
    const [, depName, value, indirect] = /^(?:require)?\s+(\S+) (v\S+)(?:\s*\/\/ (indirect))?/.exec(content) ?? [];
    return depName !== undefined && value !== undefined ? [{ line, depName, value, indirect }] : [];
  });
  const ofTools = tools.map((tool) => {
    const owners = required.filter(({ depName }) => tool.startsWith(`${depName}/`));
    return owners.sort((a, b) => b.depName.length - a.depName.length)[0]?.depName;
  });
  const go = linesOf(text).flatMap(([line, content]) => {
    const [, value] = /^go (\S+)$/.exec(content) ?? [];
    return value === undefined ? [] : [{ line, depName: 'go', value }];
  });
  const enabled = required.filter(({ depName, indirect }) => indirect === undefined || ofTools.includes(depName));
  return [...go, ...enabled].map(({ line, depName, value }) => ({ manager: 'gomod', file, line, depName, value }));
}

/** Actions with a commit and the version in a comment, and versions that setup actions are given. */
function githubActions(file: string, text: string): Found[] {
  const manager = 'github-actions';
  let action = '';
  return linesOf(text).flatMap(([line, content]) => {
    const [, uses, version] = /uses: ([\w.-]+\/[\w.-]+)@[0-9a-f]{40} # (v\S+)/.exec(content) ?? [];
    action = /uses: (\S+)@/.exec(content)?.[1] ?? action;
    if (uses !== undefined && version !== undefined) {
      return [{ manager, file, line, depName: uses, depType: 'action', value: version }];
    }
    const [, name = '', given] = /^\s+(go|node)-version: '([^']+)'/.exec(content) ?? [];
    if (given === undefined || action !== `actions/setup-${name}`) return [];
    return [{ manager, file, line, depName: name, depType: 'uses-with', value: given }];
  });
}
