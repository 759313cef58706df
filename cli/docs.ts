import { readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { projectName } from '../cluster/stackFile';
import { dashboardFiles, dashboardFolder } from '../gitops/dashboards/dashboards';
import { noArguments, reportOutputErrors } from '../tools/commandLine';
import { platformDoc, platformDocFile } from './platformDoc';
import { signalsDocFile, withSignalsTable } from './signalsDoc';
import { systemsDocFile, withSystemsTable } from './systemsDoc';
import { editorSchemaFile, editorSchemaText, stackDocFile, withKeyTables } from './stackDoc';
import { answersDocFile, withAnswersTable } from './init/answersDoc';
import { loadTree } from './validate/loadTree';

/** `npm run docs`: runs one command line (without node and script) and returns the exit code. */
export async function writeDocs(args: readonly string[], root: string): Promise<number> {
  const tables = `${stackDocFile}, ${answersDocFile}, ${systemsDocFile} and ${signalsDocFile}`;
  const files = `${platformDocFile}, the tables of ${tables}, ${editorSchemaFile}, and the dashboards in ${dashboardFolder}`;
  const ended = noArguments('docs', `Generates ${files}.`, args);
  if (ended !== undefined) return ended;
  try {
    // First: Grafana's manifests, which the others read, name a new one.
    for (const { path, text } of dashboardFiles()) writeFileSync(join(root, path), text);
    writeFileSync(join(root, stackDocFile), withKeyTables(readFileSync(join(root, stackDocFile), 'utf8')));
    writeFileSync(join(root, answersDocFile), withAnswersTable(readFileSync(join(root, answersDocFile), 'utf8')));
    writeFileSync(join(root, systemsDocFile), withSystemsTable(readFileSync(join(root, systemsDocFile), 'utf8'), root));
    writeFileSync(join(root, signalsDocFile), withSignalsTable(readFileSync(join(root, signalsDocFile), 'utf8')));
    writeFileSync(join(root, editorSchemaFile), editorSchemaText(projectName(root)));
    writeFileSync(join(root, platformDocFile), platformDoc(await loadTree({ root })));
    return 0;
  } catch (error) {
    process.stderr.write(`docs: ${(error as Error).message}\n`);
    return 1;
  }
}

if (require.main === module) {
  reportOutputErrors('docs', 1);
  void writeDocs(process.argv.slice(2), resolve(__dirname, '..')).then((code) => {
    process.exitCode = code;
  });
}
