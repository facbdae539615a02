/** C0 but tab and newline, DEL, C1, and what turns the direction of text: all that moves a terminal or hides text. */
const ACTIVE = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

/** Text that a package controls, made harmless to look at: each active character becomes \xHH or \uHHHH. */
export function inertText(text: string): string {
  return text.replace(ACTIVE, (character) => {
    const code = character.charCodeAt(0);
    return code < 0x100 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u${code.toString(16).padStart(4, '0')}`;
  });
}

/** The same for a stream; bytes that are no UTF-8 become U+FFFD. */
export async function* inertBytes(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const decoder = new TextDecoder();
  for await (const chunk of source) yield Buffer.from(inertText(decoder.decode(chunk, { stream: true })));
  yield Buffer.from(inertText(decoder.decode()));
}
