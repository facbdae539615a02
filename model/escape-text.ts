/**
 * Characters that a terminal acts on or that change how a line is read: C0 but tab, DEL, C1, line and paragraph
 * separators, bidirectional controls (Trojan Source), zero-width marks, and lone surrogates.
 */
const HAZARDS =
  /[\0-\x08\x0a-\x1f\x7f-\x9f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb\u{e0000}-\u{e007f}]|\p{Surrogate}/gu;

/**
 * Text from outside, made harmless for a terminal or a log line: hazards become \n, \r, \xNN or \u{N}. Tabs and
 * backslashes stay, so that text already escaped comes out as it was.
 */
export function escapeText(text: string): string {
  return text.replace(HAZARDS, (hazard) => {
    if (hazard === '\n') return '\\n';
    if (hazard === '\r') return '\\r';
    const code = hazard.codePointAt(0) as number;
    return code < 0x100 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u{${code.toString(16)}}`;
  });
}
