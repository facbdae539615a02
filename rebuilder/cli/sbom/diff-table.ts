import type { InventoryState, SbomChange, SbomDiff } from '../../../sbom/index.ts';
import { tableText } from '../table.ts';
import { escapeTerminal } from '../terminal-text.ts';

const WORDS: Readonly<Record<SbomChange['kind'], string>> = {
  added: 'added',
  removed: 'removed',
  version: 'other version',
  bytes: 'other bytes',
};
const DIGEST_SHOWN = 16;

/** What changed, as a table for people, and a line that counts. */
export function sbomDiffText(diff: SbomDiff): string {
  const { changes, counts } = diff;
  const rows = changes.map((change) => [
    WORDS[change.kind],
    change.what,
    change.name,
    change.kind === 'added' ? '' : stateText(change.left, change),
    change.kind === 'removed' ? '' : stateText(change.right, change),
  ]);
  const unread = counts.sameVersion === 0 ? '' : `, ${counts.sameVersion} the same by version alone`;
  return `left: ${escapeTerminal(diff.left.name)}\nright: ${escapeTerminal(diff.right.name)}\n${
    changes.length === 0 ? '' : `\n${tableText(['change', 'what', 'name', 'left', 'right'], rows)}\n`
  }${counts.added} added, ${counts.removed} removed, ${counts.version} of another version, ${counts.bytes} of other bytes, ${counts.same} the same${unread}\n`;
}

/** Version and architecture; the digest's beginning where that is what differs, or all there is. */
function stateText({ version, architecture, sha256 }: InventoryState, change: SbomChange): string {
  const shown = change.kind === 'bytes' || version === undefined ? sha256?.slice(0, DIGEST_SHOWN) : undefined;
  return [version, architecture, shown].filter((word) => word !== undefined).join(' ');
}
