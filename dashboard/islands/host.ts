/** Filters the rows of a list as one types or chooses: here where all of them are on the page, else by asking again. */
const PAUSE_MILLISECONDS = 160;

const form = document.querySelector<HTMLFormElement>('form[data-host]');
const body = document.querySelector<HTMLTableSectionElement>('main table tbody');
const caption = document.querySelector('main table caption');
const name = form?.querySelector<HTMLInputElement>('[name=name]');
const show = form?.querySelector<HTMLSelectElement>('[name=show]');

if (form && body && caption && name && show) {
  const rows = [...body.rows];
  const states = new Map([...show.options].map((option) => [option.value, option.text]));
  const filter = (): void => {
    let left = 0;
    for (const row of rows) {
      const [head, , , state] = row.cells;
      const wanted = states.get(show.value) ?? '';
      const fits =
        (head?.textContent ?? '').includes(name.value) &&
        (show.value === 'all' || (state?.textContent ?? '').trim().toLowerCase().startsWith(wanted));
      row.hidden = !fits;
      if (fits) left += 1;
    }
    caption.textContent = left === 1 ? '1 package' : `${left} packages`;
  };

  let waiting: ReturnType<typeof setTimeout> | undefined;
  let asking: AbortController | undefined;
  const ask = async (): Promise<void> => {
    asking?.abort();
    asking = new AbortController();
    const { signal } = asking;
    const fields = [...new FormData(form)].flatMap(([field, text]) =>
      typeof text === 'string' ? [[field, text]] : [],
    );
    try {
      const answer = await fetch(form.action, { method: 'POST', body: new URLSearchParams(fields), signal });
      const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
      const found = page.querySelector('main table tbody');
      if (found === null) throw new Error('no list');
      body.replaceChildren(...found.childNodes);
      caption.textContent = page.querySelector('main table caption')?.textContent ?? '';
    } catch {
      // The page itself says what is wrong.
      if (!signal.aborted) form.submit();
    }
  };
  const later = (): void => {
    clearTimeout(waiting);
    waiting = setTimeout(() => void ask(), PAUSE_MILLISECONDS);
  };

  // What was left out on the server cannot be brought back here.
  const isWhole = name.value === '' && show.value === 'all' && !/first/.test(caption.textContent);
  caption.setAttribute('aria-live', 'polite');
  name.addEventListener('input', isWhole ? filter : later);
  show.addEventListener('change', isWhole ? filter : later);
}

export {};
