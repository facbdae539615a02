import { sha256Stream } from './sha256.ts';

/** Hashes a file that is dropped, pasted or chosen, here in the browser, and asks for its digest. Nothing is uploaded. */
const SLICE_BYTES = 4 * 1024 * 1024;
/** Up to here the browser's own digest, which is quicker, gets the file whole. It is there on https and loopback only. */
const WHOLE_BYTES = 64 * 1024 * 1024;

const box = document.querySelector<HTMLElement>('[data-hash]');
const chosen = box?.querySelector('input');
const bar = box?.querySelector('progress');
const said = box?.querySelector('output');

if (box && chosen && bar && said) {
  box.hidden = false;
  let running = 0;

  const take = async (file: File | undefined | null): Promise<void> => {
    if (!file) return;
    const mine = ++running;
    bar.hidden = false;
    bar.value = 0;
    said.textContent = `Reading ${file.name}`;
    try {
      const digest = await digestOf(file, (share) => {
        bar.value = share;
        // Another file was given meanwhile.
        return mine === running;
      });
      if (digest === undefined || mine !== running) return;
      said.textContent = `SHA-256 ${digest}`;
      location.assign(`${box.dataset.hash}/${digest}`);
    } catch {
      bar.hidden = true;
      said.textContent = `${file.name} could not be read. A folder has no SHA-256: choose a file.`;
    }
  };

  chosen.addEventListener('change', () => void take(chosen.files?.[0]));
  document.addEventListener('paste', (event) => {
    const file = event.clipboardData?.files[0];
    if (file === undefined) return;
    event.preventDefault();
    void take(file);
  });
  for (const kind of ['dragenter', 'dragover', 'dragleave', 'drop'] as const)
    document.addEventListener(kind, (event) => {
      // Else the browser leaves this page for the file.
      event.preventDefault();
      box.classList.toggle('over', kind === 'dragenter' || kind === 'dragover');
      if (kind === 'drop') void take(event.dataTransfer?.files[0]);
    });
}

/** 64 hexadecimal digits; undefined where `goOn` said no. */
async function digestOf(file: File, goOn: (share: number) => boolean): Promise<string | undefined> {
  if (crypto.subtle !== undefined && file.size <= WHOLE_BYTES) {
    const bytes = await crypto.subtle.digest('SHA-256', await file.arrayBuffer());
    return [...new Uint8Array(bytes)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
  }
  const hash = sha256Stream();
  for (let at = 0; at < file.size; at += SLICE_BYTES) {
    hash.update(new Uint8Array(await file.slice(at, at + SLICE_BYTES).arrayBuffer()));
    if (!goOn(Math.min(1, (at + SLICE_BYTES) / file.size))) return undefined;
  }
  return hash.digest();
}
