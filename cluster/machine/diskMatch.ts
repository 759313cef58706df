import { CelScalar, celEnv, celFunc, celUint, parse, plan, type CelInput } from '@bufbuild/cel';

/** What Talos' expressions over disks may ask (`DiskSpec` of its machinery), as far as it is known. */
export interface DiskFacts {
  dev_path: string;
  /** In bytes. */
  size?: number;
  transport?: string;
  model?: string;
  serial?: string;
  wwid?: string;
  modalias?: string;
  uuid?: string;
  bus_path?: string;
  sub_system?: string;
  rotational?: boolean;
  readonly?: boolean;
  cdrom?: boolean;
  symlinks?: readonly string[];
}

/** The constants of Talos' expressions (celenv of its machinery). */
const units = Object.fromEntries(
  [
    ['iB', 1024n],
    ['B', 1000n],
  ].flatMap(([suffix, base]) =>
    ['k', 'M', 'G', 'T', 'P', 'E'].map((letter, power) => [
      `${suffix === 'iB' ? letter.toUpperCase() : letter}${String(suffix)}`,
      celUint((base as bigint) ** BigInt(power + 1)),
    ]),
  ),
) as Record<string, CelInput>;

const environment = celEnv({
  funcs: [
    celFunc('glob', [CelScalar.STRING, CelScalar.STRING], CelScalar.BOOL, (pattern, text) =>
      matchesGlob(pattern, text),
    ),
  ],
});

/**
 * Whether Talos' expression selects a disk; undefined if the expression asks for something that is not known.
 * @param isSystemDisk whether Talos is installed on it
 */
export function selectsDisk(expression: string, disk: DiskFacts, isSystemDisk: boolean): boolean | undefined {
  const { size, symlinks = [], ...rest } = disk;
  const facts = new Map<string, CelInput>(Object.entries(rest));
  if (size !== undefined) facts.set('size', celUint(BigInt(size)));
  facts.set('symlinks', [...symlinks]);
  try {
    const result = plan(environment, parse(expression))({ ...units, disk: facts, system_disk: isSystemDisk });
    return typeof result === 'boolean' ? result : undefined;
  } catch {
    return undefined;
  }
}

/** Whether a text matches a pattern in which `*` matches any text, as in Talos' selectors. */
export function matchesGlob(pattern: string, text: string): boolean {
  const parts = pattern.split('*').map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${parts.join('.*')}$`, 's').test(text);
}
