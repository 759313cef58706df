import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';

const folder = join(__dirname, '..', '..', 'cluster');

/** The texts that the code of cluster/ assigns to `expected` and `fix`, with a regular expression for each. */
export function messagesInCode(): { text: string; pattern: RegExp }[] {
  const files = ['.', 'machine'].flatMap((below) =>
    readdirSync(join(folder, below))
      .filter((file) => file.endsWith('.ts'))
      .map((file) => join(below, file)),
  );
  return files.flatMap((file) => {
    const source = ts.createSourceFile(file, readFileSync(join(folder, file), 'utf8'), ts.ScriptTarget.Latest);
    return assignments(source)
      .flatMap(literals)
      .map((parts) => ({
        text: `${file}: ${parts.join('…')}`,
        pattern: new RegExp(parts.map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('.*')),
      }));
  });
}

function assignments(node: ts.Node): ts.Expression[] {
  const named =
    (ts.isPropertyAssignment(node) || ts.isVariableDeclaration(node)) &&
    ts.isIdentifier(node.name) &&
    ['expected', 'fix'].includes(node.name.text);
  if (named) return node.initializer === undefined ? [] : [node.initializer];
  // The types of settings: the first argument is what is expected.
  const ofType = ts.isCallExpression(node) && ts.isIdentifier(node.expression) && node.expression.text === 'when';
  if (ofType) return node.arguments.slice(0, 1);
  return children(node).flatMap(assignments);
}

/** The string literals of an expression, each as its constant parts. */
function literals(node: ts.Node): string[][] {
  if (ts.isStringLiteral(node) || ts.isNoSubstitutionTemplateLiteral(node)) return [[node.text]];
  if (ts.isTemplateExpression(node)) return [[node.head.text, ...node.templateSpans.map((span) => span.literal.text)]];
  return children(node).flatMap(literals);
}

function children(node: ts.Node): ts.Node[] {
  const found: ts.Node[] = [];
  ts.forEachChild(node, (child) => void found.push(child));
  return found;
}
