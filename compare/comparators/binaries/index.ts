import type { LeafComparator } from '../../types.ts';
import { deviceTree } from './device-tree.ts';
import { elf } from './elf.ts';
import { gettextMo } from './gettext-mo.ts';
import { javaClass } from './java-class.ts';
import { machO, universalMachO } from './mach-o.ts';
import { pe } from './pe.ts';
import { pythonCode } from './python-code.ts';
import { rustMetadata } from './rust-metadata.ts';
import { wasm } from './wasm.ts';

/** Programs, libraries, object code and other formats for machines, in the order they are asked. */
export const binaries: readonly LeafComparator[] = [
  elf,
  javaClass,
  pythonCode,
  pe,
  wasm,
  gettextMo,
  machO,
  universalMachO,
  deviceTree,
  rustMetadata,
];
