const units = ['', 'k', 'm', 'g', 't', 'p', 'e'];

/**
 * Parses a size such as `400GB` (decimal) or `1 TiB` (binary) to bytes; undefined if Talos cannot read it. Talos reads
 * sizes with go-humanize, and the units without `B` are its too.
 */
export function parseBytes(text: string): number | undefined {
  const [, digits = '', unit = '', binary] = /^([\d,]*\.?\d+)\s*(?:([kmgtpe])(i)?)?b?$/i.exec(text.trim()) ?? [];
  if (digits === '') return undefined;
  const bytes = Math.floor(
    Number(digits.replaceAll(',', '')) * (binary ? 1024 : 1000) ** units.indexOf(unit.toLowerCase()),
  );
  return bytes < 2 ** 64 ? bytes : undefined;
}

/** How the size of a disk is compared with `bytes`. */
export interface SizeCondition {
  operator: '<=' | '>=' | '==' | '<' | '>';
  bytes: number;
}

/** Parses Talos' condition on a disk's size: `>= 400GB`; a size alone means exactly that size. */
export function parseSizeCondition(text: string): SizeCondition | undefined {
  const [, operator = '==', size = ''] = /^(<=|>=|==|<|>)?(.*)$/.exec(text.trim()) ?? [];
  const bytes = parseBytes(size);
  return bytes === undefined ? undefined : { operator: operator as SizeCondition['operator'], bytes };
}
