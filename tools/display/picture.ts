import { widthOf } from './text';

const column = 7.8;
const row = 18;
const margin = 16;
const colours = {
  background: '#0d1117',
  text: '#c9d1d9',
  prompt: '#8b949e',
  done: '#3fb950',
  bar: '#58a6ff',
  standIn: '#d29922',
};

/** What is drawn in another colour, the first match counts. */
const marks: readonly [RegExp, string][] = [
  [/^\$ /, colours.prompt],
  [/✓/, colours.done],
  [/[█░]+/, colours.bar],
  [/^stand-in$/, colours.standIn],
];

/**
 * A screen of a terminal as an SVG: what `command` printed. Each run of text has its own place, so that columns stay aligned in
 * any monospaced font.
 */
export function terminalPicture(command: string, lines: readonly string[]): string {
  const all = [`$ ${command}`, ...lines];
  const width = Math.ceil(Math.max(...all.map(widthOf)) * column) + 2 * margin;
  const height = all.length * row + 2 * margin;
  const rows = all.map((line, at) => {
    const y = margin + (at + 1) * row - 5;
    return runs(line).map(({ text, from, colour }) => {
      const length = `textLength="${size(widthOf(text) * column)}" lengthAdjust="spacingAndGlyphs"`;
      return `<text x="${size(margin + from * column)}" y="${y}" fill="${colour}" ${length}>${escaped(text)}</text>`;
    });
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, monospace" font-size="13" xml:space="preserve">`,
    `<title>${escaped(command)}</title>`,
    `<rect width="${width}" height="${height}" rx="8" fill="${colours.background}"/>`,
    ...rows.flat(),
    '</svg>',
    '',
  ].join('\n');
}

/** The parts of a line that are drawn: without the spaces around them, split where columns or colours change. */
function runs(line: string): { text: string; from: number; colour: string }[] {
  const pieces = [...line.matchAll(/✓|[█░]+|\$ |[^\s█░]+(?: [^\s█░]+)*/gu)];
  return pieces.map((piece) => ({
    text: piece[0].trimEnd(),
    from: widthOf(line.slice(0, piece.index)),
    colour: marks.find(([pattern]) => pattern.test(piece[0]))?.[1] ?? colours.text,
  }));
}

function size(value: number): string {
  return String(Math.round(value * 10) / 10);
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
