/** What a chart adds to a CustomResourceDefinition when it makes a template of it. */
export interface CrdTemplateOptions {
  /** Go template condition under which the CRD is rendered, for example ".Values.installCRDs". */
  condition?: string;
  /** Template lines below `metadata.annotations`, without indentation. */
  annotations?: string[];
  /** Template lines below `metadata.labels`, without indentation. */
  labels?: string[];
}

/** One CustomResourceDefinition manifest and what its file name and conditions need. */
export interface CrdManifest {
  /** For example "fluxinstances.fluxcd.controlplane.io". */
  name: string;
  kind: string;
  /** Plural, for example "fluxinstances". */
  plural: string;
  text: string;
}

/** Splits YAML text into its CustomResourceDefinitions; any other document is an error that names `file`. */
export function splitCrds(text: string, file: string): CrdManifest[] {
  const documents = text.split(/^---\s*$/m).map((document) => document.trim());
  return documents
    .filter((document) => document !== '')
    .map((document) => {
      const value = (pattern: RegExp): string => {
        const [, found] = pattern.exec(document) ?? [];
        if (found === undefined)
          throw new Error(`${file}: a document is not a CustomResourceDefinition as generators write it`);
        return found;
      };
      if (value(/^kind: (\S+)$/m) !== 'CustomResourceDefinition') {
        throw new Error(`${file}: holds something else than CustomResourceDefinitions`);
      }
      if (document.includes('{{')) throw new Error(`${file}: holds "{{", which a chart template would run`);
      return {
        name: value(/^ {2}name: (\S+)$/m),
        kind: value(/^ {4}kind: (\S+)$/m),
        plural: value(/^ {4}plural: (\S+)$/m),
        text: `${document}\n`,
      };
    });
}

/**
 * Makes a chart template of a CRD: the manifest's own text, with lines added to its metadata, in a condition. The text is
 * kept so that what is applied is what upstream generated.
 */
export function crdTemplate(crd: CrdManifest, options: CrdTemplateOptions): string {
  const lines = crd.text.trimEnd().split('\n');
  insert(lines, 'annotations', options.annotations ?? []);
  insert(lines, 'labels', options.labels ?? []);
  const body = `${lines.join('\n')}\n`;
  return options.condition === undefined ? body : `{{- if ${options.condition} }}\n${body}{{- end }}\n`;
}

function insert(lines: string[], block: 'annotations' | 'labels', added: readonly string[]): void {
  if (added.length === 0) return;
  const end = lines.indexOf('spec:');
  const at = lines.indexOf(`  ${block}:`);
  const indented = added.map((line) => `    ${line}`);
  if (at >= 0 && at < end) lines.splice(at + 1, 0, ...indented);
  else lines.splice(lines.indexOf('metadata:') + 1, 0, `  ${block}:`, ...indented);
}
