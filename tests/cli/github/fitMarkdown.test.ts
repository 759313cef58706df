import fc from 'fast-check';
import { cutMarkdown, folded, joinParts, shareOut } from '../../../cli/github/fitMarkdown';

const note = '**Cut.**';

test('shares: short ones get all that they need, the others the rest in equal parts', () => {
  expect(shareOut([10, 20], 100)).toEqual([10, 20]);
  expect(shareOut([10, 500, 400], 110)).toEqual([10, 50, 50]);
  expect(shareOut([500, 5], 0)).toEqual([0, 0]);
  expect(shareOut([], 100)).toEqual([]);
});

test('a text that fits is not touched', () => {
  expect(cutMarkdown('one\ntwo', 7, note)).toBe('one\ntwo');
});

test('cuts at the end of a line', () => {
  const text = `first line\nsecond line\n${'x'.repeat(100)}`;
  expect(cutMarkdown(text, 40, note)).toBe(`first line\nsecond line\n\n${note}`);
  expect(cutMarkdown(text, 9, note)).toBe(note);
});

test('closes the fence and the folded sections that are open', () => {
  const text = [
    '<details><summary>a</summary>',
    '',
    '````diff',
    '+ one',
    '```',
    '+ two',
    '````',
    '',
    '</details>',
    '',
    'x'.repeat(99),
  ];
  const cutInFence = cutMarkdown(text.join('\n'), 80, note);
  expect(cutInFence).toBe(
    `<details><summary>a</summary>\n\n\`\`\`\`diff\n+ one\n\`\`\`\n\`\`\`\`\n\n</details>\n\n${note}`,
  );
  const cutAfter = cutMarkdown(text.join('\n'), 100, note);
  expect(cutAfter).toBe(`${text.slice(0, 10).join('\n')}\n\n${note}`);
});

test('what is inside a fence opens nothing', () => {
  const text = ['~~~', '<details>', '~~~', 'x'.repeat(99)].join('\n');
  expect(cutMarkdown(text, 50, note)).toBe(`~~~\n<details>\n~~~\n\n${note}`);
});

test('any text stays below the limit and balanced', () => {
  const line = fc.constantFrom(
    '<details><summary>s</summary>',
    '</details>',
    '```',
    '````yaml',
    '- item',
    '',
    'long '.repeat(9),
  );
  fc.assert(
    fc.property(fc.array(line, { maxLength: 60 }), fc.integer({ min: 0, max: 600 }), (lines, limit) => {
      const text = lines.join('\n');
      const cut = cutMarkdown(text, limit, note);
      expect(cut.length).toBeLessThanOrEqual(limit);
      if (cut !== text) expect(cut.endsWith(note.slice(0, limit))).toBe(true);
    }),
    { numRuns: 300 },
  );
});

test('parts have their titles; a long one is cut so that the whole fits exactly', () => {
  const parts = [
    { title: 'Plan', text: 'short' },
    { title: 'Review', text: 'a line\n'.repeat(100) },
  ];
  const joined = joinParts(parts, 100, note);
  expect(joined).toMatch(/^## Plan\n\nshort\n\n## Review\n\na line\n(a line\n)*a line\n\n\*\*Cut\.\*\*$/s);
  expect(joined.length).toBeLessThanOrEqual(100);
  expect(joined.length).toBeGreaterThan(100 - 'a line\n'.length);
  expect(joinParts([{ title: 'A', text: 'b' }], 100, note)).toBe('## A\n\nb');
});

test('a folded text has a fence that it does not contain', () => {
  expect(folded('s', 'a\n````\nb\n')).toBe('<details><summary>s</summary>\n\n`````\na\n````\nb\n`````\n\n</details>');
});
