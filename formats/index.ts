export { type ArLimits, type ArMember, type ArOptions, readAr } from './ar.ts';
export { type ArSymbol, type ArSymbolFormat, readArSymbols } from './ar-symbols.ts';
export { Arm64Reader } from './arm64-instructions.ts';
export { ByteCursor, latin1UpToNul } from './byte-cursor.ts';
export { type ByteRange, readRanges } from './byte-ranges.ts';
export { ByteReader, type Reopenable } from './byte-reader.ts';
export { BZIP2_HEAD_BYTES, BZIP2_STREAM } from './bzip2-streams.ts';
export { capabilitiesText } from './capabilities.ts';
export { type ClearSigned, splitClearSigned } from './clear-signed.ts';
export { type CpioEntry, type CpioLimits, type CpioPiece, readCpio } from './cpio.ts';
export { type CpioFields, type CpioVariant, cpioVariant } from './cpio-header.ts';
export { type DebLibrary, type DebSymbol, readDebSymbols } from './deb-symbols.ts';
export { type Deb822Limits, type Field, Paragraph, parseDeb822, parseParagraphs } from './deb822.ts';
export { splitParagraphs } from './deb822-split.ts';
export { type ChangelogEntry, isChangelogHeading, readDebianChangelog } from './debian-changelog.ts';
export {
  DEVICE_TREE_MAGIC,
  type DeviceTree,
  type DeviceTreeLimits,
  type DeviceTreeNode,
  readDeviceTree,
} from './device-tree.ts';
export {
  DISK_IMAGE_START_BYTES,
  type DiskImageFormat,
  diskImageFormat,
  ISO_SYSTEM_AREA_BYTES,
  readDiskImage,
  restOfExtSuperblock,
  UIMAGE_HEADER_BYTES,
} from './disk-image.ts';
export { type DwarfAbbreviation, DwarfAbbreviations } from './dwarf-abbreviations.ts';
export { passedDwarfLimit } from './dwarf-bytes.ts';
export { type CondenseLimits, condenseUnits } from './dwarf-condense.ts';
export { DwarfEntries } from './dwarf-entries.ts';
export { isTextForm } from './dwarf-forms.ts';
export { type DwarfLineTable, readDwarfLines } from './dwarf-lines.ts';
export { dwarfAttribute, dwarfLanguage } from './dwarf-names.ts';
export { type DwarfSections, dwarfText } from './dwarf-texts.ts';
export { type DwarfRoot, type DwarfUnit, readDwarfUnits } from './dwarf-units.ts';
export {
  type ElfFile,
  type ElfLimits,
  type ElfSection,
  type ElfSegment,
  type OpenAt,
  readElf,
  readElfBytes,
  SHT_NOBITS,
} from './elf.ts';
export { type ElfDynamicEntry, parseElfDynamic } from './elf-dynamic.ts';
export { type ElfFrames, parseEhFrame } from './elf-eh-frame.ts';
export { type ElfForm, elfAddress, elfAddressText, elfString } from './elf-fields.ts';
export { findModuleSignature, MODULE_TRAILER_BYTES } from './elf-module-signature.ts';
export { elfHeaderValues, elfSectionForm, elfSegmentKind, elfSegmentLine } from './elf-names.ts';
export { type ElfNote, elfNoteLine, parseElfNotes } from './elf-notes.ts';
export { ElfRelocations, relrPlaces } from './elf-relocations.ts';
export { printableRuns, zeroEnded } from './elf-strings.ts';
export {
  type ElfSymbols,
  elfSymbolKind,
  elfSymbolName,
  parseElfSymbols,
  STT_FUNC,
  STT_GNU_IFUNC,
  STT_OBJECT,
  STT_SECTION,
  STT_TLS,
} from './elf-symbols.ts';
export { type ElfVersions, parseElfDefinitions, parseElfNeeds } from './elf-versions.ts';
export { type ExifTag, readExif } from './exif.ts';
export { type ExtLimits, type ExtName, readExtNames } from './ext-directory.ts';
export { EXT_TYPES, type ExtInode, type ExtTime, extDevice } from './ext-inode.ts';
export { type ExtAttribute, type ExtPiece, ExtReader } from './ext-reader.ts';
export { FatChains, type FatLayout, type FatPiece, readFatLayout } from './fat.ts';
export { type FatLimits, type FatName, FatReader } from './fat-directory.ts';
export {
  type GettextLimits,
  type GettextMessage,
  gettextHeader,
  type MoFile,
  type PoEntry,
  readMo,
  readPo,
} from './gettext.ts';
export { type GoBuildInfo, parseGoBuildInfo } from './go-build-info.ts';
export { type GzipHeader, type GzipLimits, type GzipPiece, readGzip } from './gzip.ts';
export { ICO_TABLE_BYTES, type Ico, type IcoImage, readIco } from './ico.ts';
export { blobDigest, IMAGE_MANIFESTS, imageRoles, mayNameBlobs } from './image-roles.ts';
export { inflateFrom } from './inflate.ts';
export { hasSystemUse, ISO_DESCRIPTORS_BYTES, isoDescriptors, isoRootOffset } from './iso-descriptors.ts';
export { type ManifestLines, manifestLines } from './jar-manifest.ts';
export { JavaText, type JavaTextLimits } from './java-attributes.ts';
export {
  type JavaAttribute,
  type JavaClass,
  type JavaClassLimits,
  JavaConstants,
  type JavaMember,
  readJavaClass,
} from './java-class.ts';
export { isJpeg, type JpegFile, type JpegSegment, jpegMarkerName, readJpeg } from './jpeg.ts';
export { decodeJsonString, type JsonEntry, type JsonLimits, type JsonValue, readJson } from './json.ts';
export { type KeyValue, readKeyValues, readPropertiesDate } from './key-values.ts';
export { type Lz4Header, lz4Header } from './lz4.ts';
export { type LzipHeader, type LzmaHeader, lzipHeader, lzmaHeader } from './lzma.ts';
export { type MachFile, type MachLimits, type MachPiece, machKind, readFatMachO, readMachO } from './mach-o.ts';
export { type ManPageFacts, readManPage } from './man-page.ts';
export { type MarkupAttribute, type MarkupOptions, type MarkupToken, readMarkup } from './markup.ts';
export { readOfficeText } from './office-text.ts';
export {
  PGP_TAG,
  type PgpArmor,
  type PgpPacket,
  type PgpSignature,
  readPgpArmor,
  readPgpPackets,
  readPgpSignature,
} from './open-pgp.ts';
export { type PackedStreamFormat, packedStream } from './packed-stream.ts';
export {
  BOOT_CODE_BYTES,
  type Disk,
  type Partition,
  type PartitionLimits,
  type PartitionTable,
  partitionTableKind,
  readPartitionTable,
} from './partitions.ts';
export { type PdfFile, type PdfLimits, type PdfObject, readPdf, unpackPdfStream } from './pdf.ts';
export { decodePdfString, readPdfDictionary } from './pdf-dictionary.ts';
export {
  COFF_MACHINES,
  guid,
  type PeDebugEntry,
  type PeFile,
  type PeSection,
  peOffset,
  readPdbReference,
  readPe,
  readPeDebugDirectory,
  richHeader,
  withLongNames,
} from './pe.ts';
export { isPng, type PngChunk, type PngFile, type PngHeader, readPng, readPngText } from './png.ts';
export { type Pixels, readPngPixels } from './png-pixels.ts';
export { type PalettePicture, pngChunk, writePng } from './png-writer.ts';
export { type PosixAclVersion, posixAclText } from './posix-acl.ts';
export {
  type PycHeader,
  type PythonCode,
  type PythonFile,
  type PythonLimits,
  readPycHeader,
  readPythonCode,
} from './python-code.ts';
export { type RDataHeader, readRDataHeader } from './r-data.ts';
export { isRRecord, type RLazyLoadLimits, readRLazyLoad } from './r-lazy-load.ts';
export type { ReadBytes } from './read-bytes.ts';
export { type RpmHeader, type RpmLimits, type RpmStart, readRpm } from './rpm.ts';
export { type RpmFile, readRpmPayload, rpmFiles, STRIPPED_CPIO_MAGIC } from './rpm-payload.ts';
export { isRustMetadata, type RustMetadata, readRustMetadata } from './rust-metadata.ts';
export {
  type FontFile,
  type FontHead,
  type FontLimits,
  type FontTable,
  inflateTable,
  readFont,
  readHeadTable,
  readNameTable,
} from './sfnt.ts';
export { type Inventory, readSphinxInventory } from './sphinx-inventory.ts';
export { readSqliteHeader, SQLITE_MAGIC, type SqliteHeader, sqliteValue } from './sqlite.ts';
export { parseStrictJson } from './strict-json.ts';
export { type TarExtension, type TarItem, type TarLimits, type TarMember, TarReader } from './tar.ts';
export { readTarHeader, TAR_BLOCK_BYTES, type TarHeader } from './tar-header.ts';
export type { TarRecord } from './tar-records.ts';
export { readWasm, type WasmFunction, type WasmLimits, type WasmModule, type WasmSection } from './wasm.ts';
export { X86Reader } from './x86-instructions.ts';
export { type ReadAt, readXz, type XzBlock, type XzLimits, type XzStream, xzFrame, xzStored } from './xz.ts';
export { type XzSettings, xzSettings } from './xz-settings.ts';
export { readZip, type ZipPiece } from './zip.ts';
export type { ZipDirectory, ZipEntry, ZipHeader, ZipInput, ZipLimits } from './zip-directory.ts';
export { zipExtraName, zipExtras, zipExtraText } from './zip-extra.ts';
export { readZstdFrames, type ZstdFrame } from './zstd.ts';
