/**
 * The log of a running build, as server-sent events give it. Its text is put in as text: nothing in it can run. Only the
 * newest lines stay on the page; the whole is there when the build has ended.
 */
const KEPT_LINES = 5000;
/** How often a page without a log yet looks for one. */
const AWAIT_MILLISECONDS = 2000;
const COLOURS = /\\x1b\[[0-9;:]*m/g;

function follow(box: HTMLElement, address: string): void {
  const state = document.querySelector<HTMLElement>('[data-live-state]');
  const tell = (text: string): void => {
    if (state !== null) state.textContent = text;
  };
  let lines = (box.textContent ?? '').split('\n');
  let dropped = false;
  let drawing = false;
  const draw = (): void => {
    drawing = false;
    const stays = window.innerHeight + window.scrollY >= document.documentElement.scrollHeight - 80;
    if (lines.length > KEPT_LINES) {
      lines = lines.slice(-KEPT_LINES);
      dropped = true;
    }
    box.textContent = `${dropped ? '(earlier lines are left out here)\n' : ''}${lines.join('\n')}`;
    if (stays) window.scrollTo({ top: document.documentElement.scrollHeight });
  };
  const events = new EventSource(address);
  events.addEventListener('open', () => tell('Following.'));
  events.addEventListener('error', () => tell('The connection broke off; trying again.'));
  events.addEventListener('log', (event) => {
    const { text } = JSON.parse((event as MessageEvent<string>).data) as { text: string };
    const added = text.replace(COLOURS, '').split('\n');
    lines[lines.length - 1] += added[0] ?? '';
    lines.push(...added.slice(1));
    if (!drawing) requestAnimationFrame(draw);
    drawing = true;
  });
  events.addEventListener('end', () => {
    events.close();
    tell('The build ended. Going to its result …');
    setTimeout(() => location.reload(), 1500);
  });
}

/** Loads the page anew once it would show something else: the build began, has a log, or ended. */
async function awaitNews(): Promise<void> {
  try {
    const answer = await fetch(location.href, { headers: { accept: 'text/html' } });
    const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
    const lead = (of: Document): string | undefined => of.querySelector('main .lead')?.textContent ?? undefined;
    if (answer.redirected || page.querySelector('[data-await]') === null || lead(page) !== lead(document))
      return location.reload();
  } catch {
    // The service may be starting anew.
  }
  setTimeout(() => void awaitNews(), AWAIT_MILLISECONDS);
}

const awaiting = document.querySelector<HTMLElement>('[data-await]');
if (awaiting !== null) {
  awaiting.hidden = false;
  setTimeout(() => void awaitNews(), AWAIT_MILLISECONDS);
}

for (const box of document.querySelectorAll<HTMLElement>('[data-follow]')) {
  const address = box.dataset.follow;
  if (address !== undefined) follow(box, address);
}

export {};
