/** What a chart template adds to a CustomResourceDefinition. */
export interface CrdTemplateOptions {
  /** Go template condition under which the CRD is rendered, for example ".Values.installCRDs". */
  condition?: string;
  /** Template lines for `metadata.annotations`, without indentation. */
  annotations?: string[];
  /** Template lines for `metadata.labels`, without indentation. */
  labels?: string[];
}

/** A CustomResourceDefinition manifest, with the names that its file name and condition are derived from. */
export interface CrdManifest {
  /** For example "fluxinstances.fluxcd.controlplane.io". */
  name: string;
  kind: string;
  /** Plural, for example "fluxinstances". */
  plural: string;
  text: string;
}

/**
 * The CustomResourceDefinitions of a YAML file.
 * @throws Error naming `file` if it contains another document or template syntax
 */
export function splitCrds(text: string, file: string): CrdManifest[] {
  const documents = text.split(/^---\s*$/m).map((document) => document.trim());
  return documents
    .filter((document) => document !== '')
    .map((document) => {
      const value = (pattern: RegExp): string => {
        const [, found] = pattern.exec(document) ?? [];
        if (found === undefined)
          throw new Error(`${file}: a document is not in the format of generated CustomResourceDefinitions`);
        return found;
      };
      if (value(/^kind: (\S+)$/m) !== 'CustomResourceDefinition') {
        throw new Error(`${file}: contains a document that is not a CustomResourceDefinition`);
      }
      if (document.includes('{{')) throw new Error(`${file}: contains "{{", which Helm would evaluate as a template`);
      return {
        name: value(/^ {2}name: (\S+)$/m),
        kind: value(/^ {4}kind: (\S+)$/m),
        plural: value(/^ {4}plural: (\S+)$/m),
        text: `${document}\n`,
      };
    });
}

/**
 * A CRD as a chart template: the manifest with added metadata, wrapped in the condition. The manifest's text is
 * otherwise kept verbatim, so that the applied CRD is the one that upstream generated.
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
  const start = lines.indexOf(`  ${block}:`);
  const indented = added.map((line) => `    ${line}`);
  if (start >= 0 && start < end) lines.splice(start + 1, 0, ...indented);
  else lines.splice(lines.indexOf('metadata:') + 1, 0, `  ${block}:`, ...indented);
}
