import type { DisplayStream } from '../../../tools/display/renderer';
import { widthOf } from '../../../tools/display/text';

/**
 * A terminal that understands what the live display writes: lines, wrapping, moving up, erasing below. `lines` is everything
 * that was ever on the screen, as after scrolling back.
 */
export class Terminal implements DisplayStream {
  readonly isTTY = true;
  lines: string[] = [''];
  cursorVisible = true;
  private row = 0;

  constructor(
    public columns: number,
    public rows: number,
    private readonly colour = false,
  ) {}

  hasColors(): boolean {
    return this.colour;
  }

  write(text: string): void {
    for (const [token] of text.matchAll(/\x1b\[[?\d;]*[a-zA-Z]|\r|\n|[^\x1b\r\n]+/g)) this.interpret(token);
  }

  /** The screen without empty lines at its end. */
  screen(): string {
    return this.lines.join('\n').trimEnd();
  }

  private interpret(token: string): void {
    const [, count, command] = /^\x1b\[([?\d;]*)([a-zA-Z])$/.exec(token) ?? [];
    if (token === '\n') this.down();
    else if (token === '\r') return;
    else if (command === undefined) this.put(token);
    else if (command === 'A') this.row = Math.max(0, this.row - Number(count));
    else if (command === 'J') this.lines = [...this.lines.slice(0, this.row), ''];
    else if (command === 'h' || command === 'l') this.cursorVisible = command === 'h';
    else if (command !== 'm') throw new Error(`the terminal does not know ${JSON.stringify(token)}`);
  }

  private put(text: string): void {
    let line = this.lines[this.row] ?? '';
    let width = widthOf(line);
    for (const character of text) {
      const wide = widthOf(character);
      if (width + wide > this.columns) {
        this.lines[this.row] = line;
        this.down();
        line = '';
        width = 0;
      }
      line += character;
      width += wide;
    }
    this.lines[this.row] = line;
  }

  private down(): void {
    this.row++;
    this.lines[this.row] ??= '';
  }
}
