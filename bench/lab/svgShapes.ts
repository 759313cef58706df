/** Colours that differ for people with colour vision deficiencies (Okabe and Ito), and shades of grey. */
export const palette = {
  work: '#0072B2',
  wait: '#E69F00',
  alive: '#9AC7E0',
  critical: '#000000',
  milestone: '#CC79A7',
  other: '#E69F00',
  rest: '#BBBBBB',
  mark: '#ffffff',
  grid: '#EEEEEE',
  quiet: '#555555',
  onWork: '#ffffff',
} as const;

/** Text for an XML element or attribute. Control characters, which XML does not allow, become spaces. */
export function escapeXml(value: string): string {
  const replaced: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
  return [...value].map((char) => replaced[char] ?? (char < ' ' || char === '\x7f' ? ' ' : char)).join('');
}

/** One decimal at most, so that the same value always gives the same text. */
export function fixed(value: number): string {
  return String(Math.round(value * 10) / 10);
}

/** A filled rectangle, optionally with an outline. */
export function bar(x: number, y: number, width: number, height: number, fill: string, stroke?: string): string {
  const outline = stroke === undefined ? '' : ` stroke="${stroke}" stroke-width="1.5"`;
  return `<rect x="${fixed(x)}" y="${fixed(y)}" width="${fixed(width)}" height="${fixed(height)}" fill="${fill}"${outline}/>`;
}

/** A straight line, optionally dashed. */
export function line(x1: number, y1: number, x2: number, y2: number, stroke: string, dashes?: string): string {
  const dashed = dashes === undefined ? '' : ` stroke-dasharray="${dashes}"`;
  return `<line x1="${fixed(x1)}" y1="${fixed(y1)}" x2="${fixed(x2)}" y2="${fixed(y2)}" stroke="${stroke}"${dashed}/>`;
}

/** How a text looks; black, regular and to the right of its position unless said otherwise. */
export interface TextOptions {
  anchor?: 'middle' | 'end';
  fill?: string;
  size?: number;
  weight?: 'bold';
}

/** A line of text; `y` is its baseline. */
export function text(x: number, y: number, value: string, { anchor, fill, size, weight }: TextOptions = {}): string {
  const attributes = Object.entries({ 'text-anchor': anchor, fill, 'font-size': size, 'font-weight': weight })
    .flatMap(([name, one]) => (one === undefined ? [] : [` ${name}="${one}"`]))
    .join('');
  return `<text x="${fixed(x)}" y="${fixed(y)}"${attributes}>${escapeXml(value)}</text>`;
}
