import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** What is wrong with `npm run <script> -- …`. Scripts with commands of their own (lab) have the flags of all of them. */
export function npmProblems(words: readonly string[], root: string): string[] {
  const [first, ...others] = words;
  if (first !== 'run')
    return ['ci', 'test', 'install'].includes(first ?? '') ? [] : [`npm ${first ?? ''} is not used here`];
  const dashes = others.indexOf('--');
  const [name = ''] = (dashes < 0 ? others : others.slice(0, dashes)).filter((word) => !word.startsWith('-'));
  const given = dashes < 0 ? [] : others.slice(dashes + 1);
  const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    scripts: Record<string, string>;
  };
  const script = scripts[name];
  if (script === undefined) return [`${name} is not a script of package.json`];
  const text = sourceOf(script, root);
  const options = new Set([...text.matchAll(/ption\(\s*'(?:-\w, )?(--[\w-]+)/g)].map(([, option = '']) => option));
  const commands = [...text.matchAll(/\.command\('([\w-]+)/g)].map(([, command = '']) => command);
  const [command] = given.filter((word) => !word.startsWith('-'));
  return [
    ...given
      .filter((word) => word.startsWith('--') && !options.has(word.replace(/=.*/s, '')))
      .map((word) => `${name} has no flag ${word}`),
    ...(commands.length > 0 && command !== undefined && !/[<$]/.test(command) && !commands.includes(command)
      ? [`${name} has no command ${command}`]
      : []),
  ];
}

/** The file that a script starts. */
function sourceOf(script: string, root: string): string {
  const [file] = /\S+\.ts/.exec(script) ?? [];
  const path = file ?? (/node bin\/(\w+)$/.test(script) ? `cli/${/\w+$/.exec(script)?.[0] ?? ''}.ts` : '');
  return path === '' ? '' : readFileSync(join(root, path), 'utf8');
}
