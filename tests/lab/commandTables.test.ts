import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ensureTools, inLines } from '../../tools/toolchain';
import { readTable, tableFolder, tableText } from '../runbooks/commandTable';
import { tableOfTool, toolsOfLab } from '../runbooks/toolTables';

// The fast tests check the commands of runbooks against tables. After another version of a program:
// UPDATE_COMMANDS=1 npm run test:lab -- tests/lab/commandTables.test.ts
test.each(toolsOfLab)(
  'what %s says about its commands is in the table',
  async (tool) => {
    const { [tool]: binary } = await ensureTools(
      [tool],
      inLines(() => undefined),
    );
    const found = tableText(await tableOfTool(tool, binary));
    if (process.env.UPDATE_COMMANDS !== undefined) writeFileSync(join(tableFolder, `${tool}.yaml`), found);
    expect(tableText(readTable(tool))).toBe(found);
  },
  10 * 60_000,
);
