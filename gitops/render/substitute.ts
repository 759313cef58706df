import { type Document, parseDocument, visit } from 'yaml';
import { type Json, isMap } from '../kubernetesObject';
import { isAmbiguousScalar } from '../yamlFile';

/** One failed substitution in one string. */
export interface SubstitutionProblem {
  /** The variable's name; empty if the problem is the surrounding text. */
  variable: string;
  /** The string before substitution. */
  text: string;
  /** What is wrong and how to fix it. */
  message: string;
}

/** A string after substitution, and the values inserted into it. */
type Expanded = { text: string; values: string[] };

class SubstitutionError extends Error {
  constructor(
    readonly variable: string,
    message: string,
  ) {
    super(message);
  }
}

/**
 * Substitutes `${VAR}` in every key and string of an object, as Flux does with StrictPostBuildSubstitutions: an unset
 * variable without a default is an error, `$$` is a dollar sign, `${VAR:=default}` and `${VAR:-default}` use the default
 * for an unset or empty variable, and `${VAR#prefix}` and `${VAR%suffix}` are the value without the prefix or suffix. Flux
 * substitutes in re-serialized YAML, where the file's quotes are lost, so a result that looks like a number or a boolean becomes
 * one (`port: "${PORT}"` is a number).
 */
export function substitute<T extends Json>(
  object: T,
  values: Readonly<Record<string, string>>,
): { object: T; problems: SubstitutionProblem[] } {
  const problems: SubstitutionProblem[] = [];
  const attempt = <R>(text: string, step: () => R, otherwise: R): R => {
    try {
      return step();
    } catch (error) {
      if (!(error instanceof SubstitutionError)) throw error;
      problems.push({ variable: error.variable, text, message: error.message });
      return otherwise;
    }
  };
  const walk = (value: Json): Json => {
    if (typeof value === 'string')
      return value.includes('$') ? attempt(value, () => scalar(value, values), value) : value;
    if (Array.isArray(value)) return value.map(walk);
    if (!isMap(value)) return value;
    // Not by assignment, which would set the prototype for a key named `__proto__`.
    return Object.fromEntries(
      Object.entries(value).flatMap(([key, part]) => {
        if (part === undefined) return [];
        const name = key.includes('$') ? attempt(key, () => keyText(key, values), key) : key;
        return [[name, walk(part)]];
      }),
    );
  };
  return { object: walk(object) as T, problems };
}

function keyText(key: string, values: Readonly<Record<string, string>>): string {
  const { text } = expand(key, values);
  if (text === '' || !isWrittenPlain(text)) {
    throw new SubstitutionError(
      '',
      `as a key becomes ${JSON.stringify(text)}, which is not valid YAML; use a plain name`,
    );
  }
  return text;
}

function scalar(text: string, values: Readonly<Record<string, string>>): Json {
  const expanded = expand(text, values);
  if (text.includes('\n')) return expanded.text;
  if (isWrittenPlain(text)) return parseScalar(expanded.text);
  if (expanded.values.some((value) => /['"\\]/.test(value))) {
    throw new SubstitutionError(
      '',
      'inserts a value with a quote or backslash into a quoted string, which breaks the YAML; rephrase it',
    );
  }
  return expanded.text;
}

function hasAlias(document: Document): boolean {
  let found = false;
  visit(document, {
    Alias: () => {
      found = true;
      return visit.BREAK;
    },
  });
  return found;
}

/** Parses a plain scalar after substitution. */
function parseScalar(text: string): Json {
  if (isAmbiguousScalar(text)) {
    throw new SubstitutionError(
      '',
      `becomes ${text}, which YAML 1.1 and 1.2 parsers read differently; use true, false or a plain decimal number`,
    );
  }
  const document = parseDocument(`value: ${text}\n`, { prettyErrors: false });
  // An alias may stand for very many values, and no setting needs one.
  if (document.errors.length > 0 || hasAlias(document)) {
    throw new SubstitutionError('', `becomes ${JSON.stringify(text)}, which is not valid YAML there; fix the setting`);
  }
  return (document.toJS() as { value: Json }).value;
}

/** Whether Flux serializes a string without quotes before substitution (go-yaml's rules for block context). */
function isWrittenPlain(text: string): boolean {
  if (text === '' || text !== text.trim() || /^(---|\.\.\.)/.test(text)) return false;
  if (/^[#,[\]{}&*!|>'"%@`]/.test(text) || /^[-?:](\s|$)/.test(text)) return false;
  return !/:(\s|$)|\s#|[\x00-\x1f\x7f]/.test(text);
}

/** Expands the variables in a string. Throws a SubstitutionError for an unset variable or an unsupported form. */
function expand(text: string, values: Readonly<Record<string, string>>): Expanded {
  const used: string[] = [];
  let result = '';
  for (let at = 0; at < text.length; at += 1) {
    if (text[at] !== '$') result += text[at];
    else if (text[at + 1] === '$') {
      result += '$';
      at += 1;
    } else if (text[at + 1] === '{') {
      const end = text.indexOf('}', at);
      const inside = end < 0 ? text.slice(at) : text.slice(at + 2, end);
      const value = end < 0 ? undefined : evaluate(inside, values);
      if (value === undefined) {
        const shown = end < 0 ? inside : `\${${inside}}`;
        throw new SubstitutionError(
          '',
          `contains the unsupported form ${shown}; use \${VAR}, \${VAR:=default}, \${VAR#prefix}, \${VAR%suffix}, or $$ for a dollar sign`,
        );
      }
      used.push(value);
      result += value;
      at = end;
    } else result += '$';
  }
  return { text: result, values: used };
}

function evaluate(inside: string, values: Readonly<Record<string, string>>): string | undefined {
  const parts = /^(\w+)(?:(:=|:-|=)([^${}]*)|([#%])([\w:/.-]+))?$/.exec(inside);
  if (parts === null) return undefined;
  const [, name = '', operator, fallback = '', end, cut = ''] = parts;
  const value = Object.hasOwn(values, name) ? values[name] : undefined;
  if (operator !== undefined) return value === undefined || value === '' ? fallback : value;
  if (value === undefined) throw new SubstitutionError(name, `\${${name}} is not set`);
  if (end === '#' && value.startsWith(cut)) return value.slice(cut.length);
  return end === '%' && value.endsWith(cut) ? value.slice(0, -cut.length) : value;
}
