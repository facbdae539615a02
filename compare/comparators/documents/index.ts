import type { LeafComparator } from '../../types.ts';
import { clearSigned } from './clear-signed.ts';
import { datedTexts } from './dated-texts.ts';
import { debianChangelog } from './debian-changelog.ts';
import { font } from './font.ts';
import { gettextPo } from './gettext-po.ts';
import { ico } from './ico.ts';
import { jpeg } from './jpeg.ts';
import { json } from './json.ts';
import { keyValues } from './key-values.ts';
import { manPage } from './man-page.ts';
import { html, xml } from './markup.ts';
import { officeText } from './office-text.ts';
import { openPgp } from './open-pgp.ts';
import { pdf } from './pdf.ts';
import { png } from './png.ts';
import { rData } from './r-data.ts';
import { sphinxInventory } from './sphinx-inventory.ts';
import { sqlite } from './sqlite.ts';
import { yaml } from './yaml.ts';

/** Documents, pictures, fonts, databases and structured text, in the order they are asked. */
export const documents: readonly LeafComparator[] = [
  font,
  sqlite,
  png,
  jpeg,
  ico,
  sphinxInventory,
  rData,
  pdf,
  clearSigned,
  openPgp,
  json,
  officeText,
  html,
  xml,
  gettextPo,
  debianChangelog,
  ...datedTexts,
  yaml,
  keyValues,
  manPage,
];
