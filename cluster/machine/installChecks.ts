import type { CheckedCluster } from '../checkedCluster';
import { type Problem, show } from '../problems';
import { defaultSchematic, schematicOf } from '../schematic';
import type { Encryption } from './encryptionSchema';
import type { CheckedMachine } from './machines';
import type { Schematic } from './schematicSchema';

/** Checks that every machine says what Talos is installed on, and with which image. */
export function installProblems({
  config,
  at,
  machines = [],
}: Pick<CheckedCluster, 'config' | 'at' | 'machines'>): Problem[] {
  const without = machines.filter(
    ({ node }) => node.installDisk === undefined && node.installDiskSelector === undefined,
  );
  // What no machine has belongs to all.
  const places = without.length === machines.length ? [at('machines')] : without.map(({ index }) => at('nodes', index));
  const missing = (machines.length === 0 ? [] : places).map((where) => ({
    where,
    found: 'no install disk',
    expected: 'exactly one of installDisk, installDiskSelector',
    fix: 'add one (Talos wipes the disk that it is installed on)',
  }));
  return [...missing, ...machines.flatMap((machine) => choiceProblems(machine, config.schematics ?? {}))];
}

function choiceProblems({ node, at }: CheckedMachine, schematics: Readonly<Record<string, Schematic>>): Problem[] {
  const problems: Problem[] = [];
  for (const [one, other] of [
    ['installDisk', 'installDiskSelector'],
    ['schematic', 'installerImage'],
  ] as const) {
    if (node[one] === undefined || node[other] === undefined) continue;
    problems.push({
      where: at(other),
      found: `${one} and ${other}`,
      expected: `exactly one of ${one}, ${other}`,
      fix: `remove one; null removes what another level says, as in ${one}: null`,
    });
  }
  const known = [...new Set([defaultSchematic, ...Object.keys(schematics)])];
  if (node.schematic !== undefined && !known.includes(node.schematic)) {
    problems.push({
      where: at('schematic'),
      found: show(node.schematic),
      expected: `one of ${known.join(', ')}`,
      fix: 'correct it, or add it to schematics',
    });
  }
  return [
    ...problems,
    ...schematicProblems({ node, at }, schematics[schematicOf(node) ?? '']),
    ...tpmProblems({ node, at }),
  ];
}

/** A schematic that is for other machines. */
function schematicProblems(
  { node, at }: Pick<CheckedMachine, 'node' | 'at'>,
  schematic: Schematic | undefined,
): Problem[] {
  const problems: Problem[] = [];
  const image = schematic?.overlay?.image;
  if (image?.startsWith('siderolabs/sbc-') === true && node.architecture !== 'arm64') {
    const expected = `arm64, because its schematic has the overlay ${image}`;
    problems.push({ where: at('architecture'), found: show(node.architecture), expected, fix: 'correct one of them' });
  }
  if (node.secureboot && schematic?.bootloader === 'grub') {
    const expected = 'false, because its schematic has the boot loader grub';
    problems.push({ where: at('secureboot'), found: 'true', expected, fix: 'correct one of them' });
  }
  return problems;
}

/** A key that the TPM makes only while secure boot is on. */
function tpmProblems({ node, at }: Pick<CheckedMachine, 'node' | 'at'>): Problem[] {
  if (node.secureboot) return [];
  return (['volumes', 'userVolumes', 'rawVolumes', 'swapVolumes'] as const).flatMap((key) =>
    Object.entries<{ encryption?: Encryption }>(node[key]).flatMap(([name, { encryption }]) =>
      (encryption?.keys ?? []).flatMap(({ tpm }, index): Problem[] => {
        if (tpm?.checkSecurebootStatusOnEnroll !== true) return [];
        const where = at(key, name, 'encryption', 'keys', index, 'tpm', 'checkSecurebootStatusOnEnroll');
        const expected = `false, because ${node.name} has secureboot: false`;
        return [{ where, found: 'true', expected, fix: 'correct one of them' }];
      }),
    ),
  );
}
