export { type ArLimits, type ArMember, type ArOptions, readAr } from './ar.ts';
export { type ArSymbol, type ArSymbolFormat, readArSymbols } from './ar-symbols.ts';
export { ByteCursor, latin1UpToNul } from './byte-cursor.ts';
export { type ByteRange, readRanges } from './byte-ranges.ts';
export { ByteReader, type Reopenable } from './byte-reader.ts';
export { type ClearSigned, splitClearSigned } from './clear-signed.ts';
export { type CpioEntry, type CpioLimits, type CpioPiece, readCpio } from './cpio.ts';
export { type CpioFields, type CpioVariant, cpioVariant } from './cpio-header.ts';
export { type Deb822Limits, type Field, Paragraph, parseDeb822, parseParagraphs } from './deb822.ts';
export { type ChangelogEntry, isChangelogHeading, readDebianChangelog } from './debian-changelog.ts';
export {
  DISK_IMAGE_START_BYTES,
  type DiskImageFormat,
  diskImageFormat,
  ISO_SYSTEM_AREA_BYTES,
  readDiskImage,
  UIMAGE_HEADER_BYTES,
} from './disk-image.ts';
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
export { type ElfForm, elfString } from './elf-fields.ts';
export { findModuleSignature, MODULE_TRAILER_BYTES } from './elf-module-signature.ts';
export { elfHeaderValues, elfSectionForm, elfSegmentKind, elfSegmentLine } from './elf-names.ts';
export { type ElfNote, elfNoteLine, parseElfNotes } from './elf-notes.ts';
export { type ElfRelocations, parseElfRelocations } from './elf-relocations.ts';
export { printableRuns, zeroEnded } from './elf-strings.ts';
export {
  type ElfSymbols,
  elfSymbolKind,
  elfSymbolName,
  parseElfSymbols,
  STT_FUNC,
  STT_GNU_IFUNC,
  STT_SECTION,
} from './elf-symbols.ts';
export { type ElfVersions, parseElfDefinitions, parseElfNeeds } from './elf-versions.ts';
export { type ExifTag, readExif } from './exif.ts';
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
export { imageRoles } from './image-roles.ts';
export { inflateFrom } from './inflate.ts';
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
export {
  type PycHeader,
  type PythonCode,
  type PythonFile,
  type PythonLimits,
  readPycHeader,
  readPythonCode,
} from './python-code.ts';
export { type RDataHeader, readRDataHeader } from './r-data.ts';
export { type RpmHeader, type RpmLimits, type RpmStart, readRpm } from './rpm.ts';
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
export { type TarExtension, type TarItem, type TarLimits, type TarMember, TarReader } from './tar.ts';
export { readTarHeader, TAR_BLOCK_BYTES, type TarHeader } from './tar-header.ts';
export type { TarRecord } from './tar-records.ts';
export { readWasm, type WasmFunction, type WasmLimits, type WasmModule, type WasmSection } from './wasm.ts';
export { readX86, type X86Instruction } from './x86-instructions.ts';
export { type ReadAt, readXz, type XzBlock, type XzLimits, type XzStream, xzFrame } from './xz.ts';
export { type XzSettings, xzSettings } from './xz-settings.ts';
export { readZip, type ZipPiece } from './zip.ts';
export type { ZipDirectory, ZipEntry, ZipHeader, ZipInput, ZipLimits } from './zip-directory.ts';
export { zipExtraName, zipExtras, zipExtraText } from './zip-extra.ts';
export { readZstdFrames, type ZstdFrame } from './zstd.ts';
