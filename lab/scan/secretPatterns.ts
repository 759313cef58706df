/** A secret to search for. */
export interface Secret {
  /** Name for reports; never its value. */
  name: string;
  value: string;
}

/** The encodings in which a secret may appear in a file. */
export const forms = ['plain', 'base64', 'base64url', 'percent', 'json', 'hex'] as const;
export type Form = (typeof forms)[number];

/** A text to search for. */
export interface SecretPattern {
  secret: string;
  form: Form;
  text: string;
}

/** Shorter texts would match by chance. */
export const minimumLength = 12;

/**
 * All texts that identify a secret. A multi-line secret (a PEM block) is identified by each of its long lines, because a copy
 * may have other line endings or indentation; PEM header lines are not secret.
 */
export function secretPatternsOf({ name, value }: Secret): SecretPattern[] {
  const lines = value.split('\n').filter((line) => !line.startsWith('-----'));
  const texts = lines.length > 1 ? lines.filter((line) => line.length >= 32) : lines;
  const patterns = texts.flatMap((line) => [
    { form: 'plain' as const, text: line },
    ...inBase64(Buffer.from(line)).flatMap((text) => [
      { form: 'base64' as const, text },
      { form: 'base64url' as const, text: text.replaceAll('+', '-').replaceAll('/', '_') },
    ]),
    { form: 'percent' as const, text: encodeURIComponent(line) },
    { form: 'json' as const, text: JSON.stringify(line).slice(1, -1) },
    { form: 'hex' as const, text: Buffer.from(line).toString('hex') },
    { form: 'hex' as const, text: Buffer.from(line).toString('hex').toUpperCase() },
  ]);
  const seen = new Set<string>();
  return patterns.flatMap(({ form, text }) => {
    if (text.length < minimumLength || seen.has(text)) return [];
    seen.add(text);
    return [{ secret: name, form, text }];
  });
}

/** The base64 of bytes at each possible alignment, reduced to the characters that do not depend on neighbouring bytes. */
function inBase64(bytes: Buffer): string[] {
  return [0, 1, 2].map((before) => {
    const text = Buffer.concat([Buffer.alloc(before), bytes]).toString('base64');
    // Skips characters that contain bits of preceding or following bytes.
    const start = Math.ceil((before * 8) / 6);
    const whole = Math.floor(((before + bytes.length) * 8) / 6);
    return text.slice(start, whole);
  });
}
