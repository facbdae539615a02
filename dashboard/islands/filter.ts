/**
 * Lists that follow their form: what is typed or chosen is asked for at once, and takes the list's place; the address
 * follows. Without this script the form's button does the same.
 */
const PAUSE_MILLISECONDS = 160;

for (const form of document.querySelectorAll<HTMLFormElement>('form[data-filter]')) {
  const place = form.dataset.filter ?? '';
  let waiting: ReturnType<typeof setTimeout> | undefined;
  let asking: AbortController | undefined;
  const ask = async (): Promise<void> => {
    const address = addressOf(form);
    asking?.abort();
    asking = new AbortController();
    const { signal } = asking;
    const list = document.getElementById(place);
    if (list === null) return;
    list.setAttribute('aria-busy', 'true');
    try {
      const answer = await fetch(address, { signal, headers: { accept: 'text/html' } });
      if (!answer.ok) throw new Error(String(answer.status));
      const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
      const next = page.getElementById(place);
      if (next === null) throw new Error('no list');
      list.replaceChildren(...next.childNodes);
      history.replaceState(null, '', address);
    } catch {
      if (signal.aborted) return;
      // The page itself says what is wrong.
      location.assign(address);
    }
    list.removeAttribute('aria-busy');
  };
  const later = (): void => {
    clearTimeout(waiting);
    waiting = setTimeout(() => void ask(), PAUSE_MILLISECONDS);
  };
  form.addEventListener('input', later);
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    clearTimeout(waiting);
    void ask();
  });
}

/** Of the form's fields, those that say something. */
function addressOf(form: HTMLFormElement): string {
  const query = new URLSearchParams();
  for (const [name, value] of new FormData(form))
    if (typeof value === 'string' && value.trim() !== '') query.append(name, value);
  const text = query.toString();
  return `${form.getAttribute('action') ?? location.pathname}${text === '' ? '' : `?${text}`}`;
}

export {};
