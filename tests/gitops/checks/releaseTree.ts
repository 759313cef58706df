import type { Tree } from '../../../gitops/tree';
import { handTree } from './handTree';

/** A HelmRelease document in namespace `a`. */
export const release = (spec: string, name = 'x'): string =>
  `---\napiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: ${name}, namespace: a}\nspec: ${spec}\n`;

/** An OCIRepository of a chart, and a HelmRelease of it with the given values. */
export const chart = (url: string, values: string, name = 'x'): string =>
  `---\napiVersion: source.toolkit.fluxcd.io/v1\nkind: OCIRepository\nmetadata: {name: ${name}, namespace: a}\nspec: {url: "oci://r.example/${url}"}\n` +
  release(`{chartRef: {kind: OCIRepository, name: ${name}}, values: ${values}}`, name);

/** A tree with the given documents in one file. */
export const tree = (...documents: string[]): Tree =>
  handTree([{ name: 'flux-system', files: { 'r.yaml': documents.join('') } }]);
