import type { Form, SecretPattern } from './secretPatterns';

/** A secret found in some content. */
export interface Match {
  secret: string;
  form: Form;
  /** Byte offset in the content. */
  offset: number;
}

interface Entry extends SecretPattern {
  bytes: Buffer;
}

const prefixLength = 4;

/**
 * Searches for many texts in one pass over the bytes: the next four bytes determine which texts can start here. Reports the
 * first occurrence of each secret in each form.
 */
export class Matcher {
  private readonly byPrefix = new Map<number, Entry[]>();
  /** Whether any text starts with bytes of this hash; rules out most offsets. */
  private readonly possible = new Uint8Array(1 << 16);

  constructor(patterns: readonly SecretPattern[]) {
    for (const pattern of patterns) {
      const bytes = Buffer.from(pattern.text);
      if (bytes.length < prefixLength) throw new Error(`a text of ${bytes.length} bytes is too short to search for`);
      const prefix = bytes.readInt32BE(0);
      const entries = this.byPrefix.get(prefix) ?? [];
      entries.push({ ...pattern, bytes });
      this.byPrefix.set(prefix, entries);
      this.possible[hash(prefix)] = 1;
    }
  }

  find(content: Buffer): Match[] {
    const found = new Map<string, Match>();
    let prefix = 0;
    for (let end = 0; end < content.length; end++) {
      prefix = (prefix << 8) | (content[end] ?? 0);
      if (end < prefixLength - 1 || this.possible[hash(prefix)] === 0) continue;
      const offset = end - prefixLength + 1;
      for (const { secret, form, bytes } of this.byPrefix.get(prefix) ?? []) {
        const key = `${form} ${secret}`;
        if (found.has(key) || offset + bytes.length > content.length) continue;
        if (content.compare(bytes, 0, bytes.length, offset, offset + bytes.length) === 0) {
          found.set(key, { secret, form, offset });
        }
      }
    }
    return [...found.values()];
  }
}

function hash(prefix: number): number {
  return (prefix ^ (prefix >>> 16)) & 0xffff;
}
