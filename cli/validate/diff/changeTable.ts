import type { ClusterDiff, ObjectDiff } from '../../../gitops/diff/changes';
import { type ImageChange, imageParts } from '../../../gitops/signals/images';

/** A row names at most this many images. */
const maxImages = 4;

/**
 * What changes on which cluster, by Kustomization: the head of a Markdown table, then one text for each row. Empty if nothing
 * changes.
 */
export function changeTable(
  groups: readonly [readonly string[], ClusterDiff][],
  images: Readonly<Record<string, readonly ImageChange[]>>,
): string[] {
  const rows = groups.flatMap(([names, { cluster, objects }]) => {
    const owners = [...new Set(objects.map(({ kustomization }) => kustomization))];
    return owners.map((owner) => {
      const own = objects.filter(({ kustomization }) => kustomization === owner);
      const count = (kind: ObjectDiff['change']): string =>
        String(own.filter(({ change }) => change === kind).length || '');
      const changed = (images[cluster] ?? []).filter(({ kustomization }) => kustomization === owner);
      const cells = [names.join(', '), owner, count('added'), count('changed'), count('removed'), imagesText(changed)];
      return `\n| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
    });
  });
  if (rows.length === 0) return [];
  const head = '| cluster | Kustomization | added | changed | removed | images and charts |\n|---|---|---|---|---|---|';
  return [`\n\n${head}`, ...rows];
}

function imagesText(images: readonly ImageChange[]): string {
  const texts = [...new Set(images.map(imageText))];
  const rest = texts.length - maxImages;
  return `${texts.slice(0, maxImages).join('<br>')}${rest > 0 ? `<br>and ${rest} more` : ''}`;
}

/** `app 1.2.3 → 1.3.0`: the name without its folders, major steps and ways back in bold. */
function imageText({ kind, before, after, step }: ImageChange): string {
  const [old, now] = kind === 'chart' ? [before, after].map(chartParts) : [before, after].map(partsOf);
  if (old === undefined || now === undefined) return '';
  const versions = `${old.version} → ${now.version}`;
  const text =
    old.name === now.name ? `${now.name} ${versions}` : `${old.name} ${old.version} → ${now.name} ${now.version}`;
  return step === 'major' || step === 'downgrade' ? `**${text} (${step})**` : text;
}

function chartParts(chart: string): { name: string; version: string } {
  const [name = '', version = ''] = chart.split(' ');
  return { name: `chart ${name}`, version };
}

function partsOf(image: string): { name: string; version: string } {
  const { repository, tag, digest } = imageParts(image);
  const short = digest.slice('sha256:'.length, 'sha256:'.length + 7);
  return { name: repository.split('/').at(-1) ?? repository, version: tag === '' ? short : tag };
}
