/** A secret to look for. */
export interface Secret {
  /** What it is, for reports; never its value. */
  name: string;
  value: string;
}

/** The ways in which a secret may have got into a file. */
export const forms = ['plain', 'base64', 'base64url', 'percent', 'json', 'hex'] as const;
export type Form = (typeof forms)[number];

/** One text to look for. */
export interface SecretPattern {
  secret: string;
  form: Form;
  text: string;
}

/** Shorter texts turn up by chance. */
export const leastLength = 12;

/**
 * Every text by which a secret can be known. A secret of several lines (a PEM block) is known by any of its long lines, as
 * a copy may have other line ends or indentation; lines that say what it is are no secret.
 */
export function secretPatternsOf({ name, value }: Secret): SecretPattern[] {
  const lines = value.split('\n').filter((line) => !line.startsWith('-----'));
  const parts = lines.length > 1 ? lines.filter((line) => line.length >= 32) : lines;
  const patterns = parts.flatMap((part) => [
    { form: 'plain' as const, text: part },
    ...inBase64(Buffer.from(part)).flatMap((text) => [
      { form: 'base64' as const, text },
      { form: 'base64url' as const, text: text.replaceAll('+', '-').replaceAll('/', '_') },
    ]),
    { form: 'percent' as const, text: encodeURIComponent(part) },
    { form: 'json' as const, text: JSON.stringify(part).slice(1, -1) },
    { form: 'hex' as const, text: Buffer.from(part).toString('hex') },
    { form: 'hex' as const, text: Buffer.from(part).toString('hex').toUpperCase() },
  ]);
  const seen = new Set<string>();
  return patterns.flatMap(({ form, text }) => {
    if (text.length < leastLength || seen.has(text)) return [];
    seen.add(text);
    return [{ secret: name, form, text }];
  });
}

/** The base64 of bytes wherever they begin in what is encoded: what does not depend on their neighbours. */
function inBase64(bytes: Buffer): string[] {
  return [0, 1, 2].map((before) => {
    const text = Buffer.concat([Buffer.alloc(before), bytes]).toString('base64');
    // Characters that hold bits of the bytes before, or of what comes after.
    const start = Math.ceil((before * 8) / 6);
    const whole = Math.floor(((before + bytes.length) * 8) / 6);
    return text.slice(start, whole);
  });
}
