import { ReproofError } from '../model/index.ts';
import type { ReadBytes } from './read-bytes.ts';

/** Where everything stands in a FAT file system, in bytes from the image's start. */
export type FatLayout = {
  /** Bits of an entry of the file allocation table. */
  readonly bits: 12 | 16 | 32;
  readonly clusterBytes: number;
  readonly clusters: number;
  readonly tableAt: number;
  readonly tableBytes: number;
  readonly tables: number;
  /** The root folder's place, where it has one of its own; else its first cluster. */
  readonly root: { readonly offset: number; readonly size: number } | { readonly cluster: number };
  readonly dataAt: number;
};

/** `size` bytes that stand together at `offset` of the image. */
export type FatPiece = { readonly offset: number; readonly size: number };

const SECTOR_BYTES = 512;
/** Clusters are numbered from 2. */
const FIRST_CLUSTER = 2;
/** With fewer clusters the table's entries have 12 bits. */
const CLUSTERS_OF_16_BITS = 4085;
const WINDOW_BYTES = 4096;

/**
 * The layout that a boot sector tells. Throws ARCHIVE_MALFORMED (context `offset`) for what cannot be. FAT32 is told by
 * the table's size, as Linux tells it, since mkfs.fat(8) makes small ones too.
 * Source: Microsoft's FAT specification 1.03, section 3.
 */
export function readFatLayout(read: ReadBytes): FatLayout {
  const sector = read(0, SECTOR_BYTES);
  if (sector.length < SECTOR_BYTES) throw malformed('boot sector', 0);
  const u16 = (offset: number): number => sector.readUInt16LE(offset);
  const [sectorBytes, perCluster, tables] = [u16(11), sector.readUInt8(13), sector.readUInt8(16)];
  if (![512, 1024, 2048, 4096].includes(sectorBytes)) throw malformed('bytes of a sector', 11);
  if (perCluster === 0 || (perCluster & (perCluster - 1)) !== 0) throw malformed('sectors of a cluster', 13);
  if (tables === 0 || tables > 8 || u16(14) === 0) throw malformed('number of tables', 16);
  const wide = u16(22) === 0;
  const tableSectors = wide ? sector.readUInt32LE(36) : u16(22);
  const sectors = u16(19) === 0 ? sector.readUInt32LE(32) : u16(19);
  const rootBytes = u16(17) * ENTRY_BYTES;
  const rootAt = (u16(14) + tables * tableSectors) * sectorBytes;
  const dataAt = rootAt + Math.ceil(rootBytes / sectorBytes) * sectorBytes;
  const clusterBytes = perCluster * sectorBytes;
  const clusters = Math.floor((sectors * sectorBytes - dataAt) / clusterBytes);
  if (clusters < 1) throw malformed('number of sectors', 32);
  const bits = wide ? 32 : clusters < CLUSTERS_OF_16_BITS ? 12 : 16;
  const tableBytes = tableSectors * sectorBytes;
  if (tableBytes * 8 < (clusters + FIRST_CLUSTER) * bits) throw malformed('size of a table', 22);
  return {
    bits,
    clusterBytes,
    clusters,
    tableAt: u16(14) * sectorBytes,
    tableBytes,
    tables,
    root: wide ? { cluster: sector.readUInt32LE(44) } : { offset: rootAt, size: rootBytes },
    dataAt,
  };
}

/** Bytes of a folder's entry. */
export const ENTRY_BYTES = 32;

/** Follows the chains of a file allocation table, of which it keeps a small part in memory. */
export class FatChains {
  readonly layout: FatLayout;
  readonly #read: ReadBytes;
  #window: Buffer = Buffer.alloc(0);
  #windowAt = -1;

  constructor(read: ReadBytes, layout: FatLayout) {
    this.#read = read;
    this.layout = layout;
  }

  /**
   * Where the clusters from `first` on stand, as many as hold `size` bytes: a chain is followed no further, so that one
   * that leads back to itself ends. Clusters that follow each other in the image are one piece.
   */
  *pieces(first: number, size: number): Generator<FatPiece> {
    const { clusterBytes, dataAt } = this.layout;
    let piece: FatPiece | undefined;
    let cluster: number | undefined = first;
    for (let left = size; left > 0; left -= clusterBytes) {
      if (cluster === undefined) throw malformed('chain of clusters, which is too short,', this.#entryAt(first));
      const offset = dataAt + (this.#checked(cluster) - FIRST_CLUSTER) * clusterBytes;
      const bytes = Math.min(left, clusterBytes);
      if (piece !== undefined && piece.offset + piece.size === offset) piece = { ...piece, size: piece.size + bytes };
      else {
        if (piece !== undefined) yield piece;
        piece = { offset, size: bytes };
      }
      if (left > clusterBytes) cluster = this.#next(cluster);
    }
    if (piece !== undefined) yield piece;
  }

  /** The same for a folder, which does not say how large it is: at most `limitBytes`, then undefined ends it. */
  *folderPieces(first: number, limitBytes: number): Generator<FatPiece | undefined> {
    const { clusterBytes, dataAt } = this.layout;
    let left = limitBytes;
    for (let cluster: number | undefined = first; cluster !== undefined; cluster = this.#next(cluster)) {
      left -= clusterBytes;
      if (left < 0) {
        yield undefined;
        return;
      }
      yield { offset: dataAt + (this.#checked(cluster) - FIRST_CLUSTER) * clusterBytes, size: clusterBytes };
    }
  }

  /** The cluster after this one; undefined where the chain ends. */
  #next(cluster: number): number | undefined {
    const { bits } = this.layout;
    const at = this.#entryAt(cluster);
    const bytes = this.#at(at, bits === 32 ? 4 : 2);
    const value =
      bits === 32
        ? bytes.readUInt32LE(0) & 0x0fffffff
        : bits === 16
          ? bytes.readUInt16LE(0)
          : (bytes.readUInt16LE(0) >>> (cluster % 2 === 1 ? 4 : 0)) & 0xfff;
    const end = bits === 32 ? 0x0ffffff8 : bits === 16 ? 0xfff8 : 0xff8;
    return value >= end ? undefined : value;
  }

  #entryAt(cluster: number): number {
    return this.layout.tableAt + Math.floor((cluster * this.layout.bits) / 8);
  }

  #at(offset: number, size: number): Buffer {
    const start = Math.floor(offset / WINDOW_BYTES) * WINDOW_BYTES;
    if (start !== this.#windowAt) {
      // An entry of 12 bits may reach over the edge.
      this.#window = this.#read(start, WINDOW_BYTES + 1);
      this.#windowAt = start;
    }
    const bytes = this.#window.subarray(offset - start, offset - start + size);
    if (bytes.length < size) throw malformed('table', offset);
    return bytes;
  }

  #checked(cluster: number): number {
    if (cluster < FIRST_CLUSTER || cluster >= this.layout.clusters + FIRST_CLUSTER)
      throw malformed(`cluster ${cluster}`, this.layout.tableAt);
    return cluster;
  }
}

function malformed(what: string, offset: number): ReproofError {
  const message = `reading ${what} of FAT image at byte ${offset}`;
  return new ReproofError('ARCHIVE_MALFORMED', message, { context: { offset } });
}
