/** A command of a page, as the shell would split it: without pipes, redirections and what is in `$(…)`. */
export interface Command {
  readonly line: string;
  readonly words: readonly string[];
}

/** What pages call: a line of a block marked `sh`, also inside a list, and code in a line of text that starts with a program. */
export function commandsOf(markdown: string, programs: ReadonlySet<string>): Command[] {
  const fence = /^( *)```(\w*)\n([^]*?)^\1```$/gm;
  const blocks = [...markdown.matchAll(fence)].flatMap(([, , language, block = '']) =>
    language === 'sh' ? [block] : [],
  );
  const hereDocument = /(<<-?'?(\w+)'?[^\n]*)\n[^]*?^\s*\2$/gm;
  const lines = blocks.flatMap((block) =>
    block
      .replace(hereDocument, '$1')
      .replace(/\\\n\s*/g, '')
      .split('\n'),
  );
  const inline = [...markdown.replace(fence, '').matchAll(/`([^`]+)`/g)].map(([, code = '']) =>
    code.replace(/\s+/g, ' '),
  );
  return [
    ...lines.flatMap(split),
    ...inline.flatMap(split).filter(({ words }) => words.length > 1 && programs.has(words[0] ?? '')),
  ];
}

const placeholder = /^<[\w ,.…-]+>/;
const separator = /^(\|\|?|&&?|;|[(){}])/;
const redirection = /^\d?>>?\s*|^<<-?|^<\s/;

/** The commands of one line. */
export function split(line: string): Command[] {
  const commands: Command[] = [];
  let words: string[] = [];
  let word: string | undefined;
  const nested: string[] = [];
  const endWord = (): void => {
    if (word !== undefined) words.push(word);
    word = undefined;
  };
  const endCommand = (): void => {
    endWord();
    // An assignment in front of a command; the head of a loop; a definition of a function is its body.
    while (/^[A-Za-z_]\w*=/.test(words[0] ?? '')) words.shift();
    if (/^(do|then|else|!)$/.test(words[0] ?? '')) words.shift();
    if (words.length > 0 && !/^(for|done|fi|if|while)$/.test(words[0] ?? '')) commands.push({ line, words });
    words = [];
  };
  for (let rest = line.trim(); rest !== '';) {
    const eat = (text: string): void => {
      rest = rest.slice(text.length);
    };
    const quoted = /^'([^']*)'|^"((?:[^"\\]|\\.)*)"/.exec(rest);
    const substitution = /^\$\(([^()]*)\)/.exec(rest);
    const found = placeholder.exec(rest) ?? /^[^\s'"|&;(){}<>$]+|^\$\w*|^[{}()]/.exec(rest);
    if (/^#/.test(rest) && word === undefined) break;
    if (/^\s/.test(rest)) {
      endWord();
      eat(' ');
    } else if (quoted !== null) {
      const text = quoted[1] ?? quoted[2] ?? '';
      nested.push(...[...(quoted[2] ?? '').matchAll(/\$\(([^()]*)\)/g)].map(([, inner = '']) => inner));
      word = (word ?? '') + text;
      eat(quoted[0]);
    } else if (substitution !== null) {
      nested.push(substitution[1] ?? '');
      word = `${word ?? ''}$()`;
      eat(substitution[0]);
    } else if (placeholder.test(rest)) {
      word = (word ?? '') + (found?.[0] ?? '');
      eat(found?.[0] ?? '');
    } else if (redirection.test(rest)) {
      endWord();
      eat(redirection.exec(rest)?.[0] ?? '');
      // The file, which is not an argument.
      const file = /^(?:&\d|<[^>]*>|[^\s|&;])+/.exec(rest);
      eat(file?.[0] ?? '');
    } else if (separator.test(rest) && !(word !== undefined && /^[{}]/.test(rest))) {
      endCommand();
      eat(separator.exec(rest)?.[0] ?? '');
    } else {
      const text = found?.[0] ?? rest[0] ?? '';
      word = (word ?? '') + text;
      eat(text);
    }
  }
  endCommand();
  // `ceph() {…}` leaves its name in front of the parentheses.
  const defined = /^(\w+)\(\)\s*\{/.exec(line.trim())?.[1];
  return [
    ...commands.filter(({ words: [first], words: { length } }) => !(first === defined && length === 1)),
    ...nested.flatMap(split).map(({ words: inner }) => ({ line, words: inner })),
  ];
}
