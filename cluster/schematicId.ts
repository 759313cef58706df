import { createHash } from 'node:crypto';
import { Document, parseDocument, type ParsedNode } from 'yaml';
import * as z from 'zod';

const list = z.array(z.string()).nullish();

const customization = z
  .strictObject({
    embeddedMachineConfiguration: z.string().nullish(),
    extraKernelArgs: list,
    meta: z.array(z.strictObject({ key: z.number().int().min(0).max(255), value: z.string() })).nullish(),
    systemExtensions: z.strictObject({ officialExtensions: list }).nullish(),
    bootloader: z.string().nullish(),
    secureboot: z
      .strictObject({ enrollKeys: z.string().nullish(), includeWellKnownCertificates: z.boolean().nullish() })
      .nullish(),
    diskImage: z.strictObject({ sectorSize: z.number().int().min(0).nullish() }).nullish(),
  })
  .nullish();

// The factory serializes keys in this order, so the order affects the id.
const schematic = z.strictObject({
  owner: z.string().nullish(),
  overlay: z
    .strictObject({
      image: z.string().nullish(),
      name: z.string().nullish(),
      options: z.record(z.string(), z.unknown()).nullish(),
    })
    .nullish(),
  customization,
});

/** A schematic that the factory rejects; the message gives the reason. */
export class InvalidSchematic extends Error {}

/**
 * Returns a schematic as the image factory stores it: YAML with keys in a fixed order, without empty values, indented
 * by four spaces.
 * @throws InvalidSchematic for YAML that does not parse and for unknown keys
 */
export function canonicalSchematic(text: string): string {
  const document = parseDocument<ParsedNode>(text);
  const [syntax] = document.errors;
  if (syntax !== undefined) throw new InvalidSchematic(`yaml: ${syntax.message.split('\n')[0] ?? ''}`);
  const parsed = schematic.safeParse(document.toJS() ?? {});
  if (!parsed.success) {
    const problems = parsed.error.issues.map(({ path, message }) => `  ${path.join('.') || 'schematic'}: ${message}`);
    throw new InvalidSchematic(`yaml: unmarshal errors:\n${problems.join('\n')}`);
  }
  if (parsed.data.owner) throw new InvalidSchematic('owner field is only supported in Enterprise edition');
  const { overlay, customization: custom } = parsed.data;
  const stored = {
    // An overlay always has both names, even if they are empty.
    ...(isEmpty(prune(overlay)) ? {} : { overlay: { image: '', name: '', ...(prune(overlay) as object) } }),
    customization: prune(custom) ?? {},
  };
  return new Document(stored, { version: '1.1' }).toString({ indent: 4, lineWidth: 0 });
}

/** The id of a schematic: the SHA-256 of its canonical text, hex. */
export function schematicId(text: string): string {
  return createHash('sha256').update(canonicalSchematic(text)).digest('hex');
}

/** Removes empty values recursively, but not inside lists. */
function prune(value: unknown): unknown {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return value;
  const entries = Object.entries(value).map(([key, inner]) => [key, prune(inner)] as const);
  return Object.fromEntries(entries.filter(([, inner]) => !isEmpty(inner)));
}

function isEmpty(value: unknown): boolean {
  if (Array.isArray(value)) return value.length === 0;
  return typeof value === 'object' && value !== null ? Object.keys(value).length === 0 : !value;
}
