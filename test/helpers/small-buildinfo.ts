/** The least that a .buildinfo says. */
export const smallBuildInfo = `Format: 1.0
Source: less
Binary: less
Architecture: amd64
Version: 668-1
Checksums-Sha256:
 ${'a'.repeat(64)} 161200 less_668-1_amd64.deb
Build-Architecture: amd64
Installed-Build-Depends:
 base-files (= 13.8),
 gcc-14 (= 14.2.0-19)
Environment:
 SOURCE_DATE_EPOCH="1704067200"
`;
