/**
 * Characters that a reader does not see as what they are: control characters, line and paragraph separators, zero-width and
 * bidirectional ones, spaces other than the plain one, lone surrogates and private use.
 */
const hidden = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Co}\p{Default_Ignorable_Code_Point}]|(?! )\p{Zs}/u;
const everyHidden = new RegExp(hidden, 'gu');

/** Almost all text is ASCII, for which the classes of Unicode are slow. */
function hasHidden(text: string): boolean {
  return !/^[ -~]*$/.test(text) && hidden.test(text);
}

/** The length of text that no value of a definition exceeds, unless its type says otherwise. */
export const longestText = 1000;

/** What a text must be that it is not, completing "expected …": free of hidden characters and outer spaces, and not absurdly long. */
export function textFault(text: string, longest = longestText): string | undefined {
  if (text.length > longest) return `at most ${longest} characters`;
  if (hasHidden(text)) return 'text of visible characters and plain spaces';
  if (text.trim() !== text) return 'text without spaces around it';
  return undefined;
}

/** A text for a message: hidden characters are escaped, and what exceeds the length is replaced by `...`. */
export function printable(text: string, longest = Number.POSITIVE_INFINITY): string {
  const short = text.length > longest ? `${text.slice(0, longest - 3)}...` : text;
  if (!hasHidden(short)) return short;
  return short.replace(everyHidden, (character) => {
    const code = (character.codePointAt(0) ?? 0).toString(16);
    return code.length > 4 ? `\\u{${code}}` : `\\u${code.padStart(4, '0')}`;
  });
}
