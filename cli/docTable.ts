/** A Markdown table; `|` in a cell is escaped. */
export function markdownTable(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [header, header.map(() => '---'), ...rows];
  return lines.map((cells) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`).join('\n');
}

/**
 * A page with a new table between `<!-- <start> -->` and `<!-- <end> -->`.
 * @throws Error if the table's place is missing, which names the file and `what` the table is about
 */
export function withTable(
  page: string,
  { file, start, end, what }: { file: string; start: string; end: string; what: string },
  table: string,
): string {
  const place = new RegExp(`(<!-- ${start} -->\n)[^]*?(<!-- ${end} -->)`);
  if (!place.test(page)) throw new Error(`${file}: there is no place for the ${what}`);
  return page.replace(place, (_, before: string, after: string) => `${before}\n${table}\n\n${after}`);
}
