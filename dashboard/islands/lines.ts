/**
 * Addresses of lines: #L12 and #L12-L20 are marked, a click on a number with Shift makes a range, and a line that is not
 * on this page is gone to. Without this script #L12 works as any address of a place does.
 */
function rangeOf(hash: string): readonly [number, number] | undefined {
  const found = /^#L(\d{1,10})(?:-L?(\d{1,10}))?$/.exec(hash);
  if (found === null) return undefined;
  const first = Number(found[1]);
  const second = found[2] === undefined ? first : Number(found[2]);
  return first <= second ? [first, second] : [second, first];
}

function mark(scroll: boolean): void {
  for (const line of document.querySelectorAll('.lines .l.at')) line.classList.remove('at');
  const range = rangeOf(location.hash);
  if (range === undefined) return;
  const [first, last] = range;
  const begin = document.getElementById(`L${first}`);
  if (begin === null) {
    const url = new URL(location.href);
    const wanted = first === last ? String(first) : `${first}-${last}`;
    if (url.searchParams.get('line') === wanted) return;
    url.searchParams.set('line', wanted);
    location.replace(url);
    return;
  }
  for (let line: Element | null = begin, at = first; at <= last; at++) {
    line = document.getElementById(`L${at}`);
    if (line === null) break;
    line.classList.add('at');
  }
  for (let above = begin.parentElement; above !== null; above = above.parentElement)
    if (above instanceof HTMLDetailsElement) above.open = true;
  if (scroll) begin.scrollIntoView({ block: 'center' });
}

addEventListener('hashchange', () => mark(true));
document.addEventListener('more', () => mark(false));
document.addEventListener('click', (event) => {
  const link = (event.target as Element).closest<HTMLAnchorElement>('.lines .l > a');
  const begun = rangeOf(location.hash);
  const line = link === null ? undefined : rangeOf(new URL(link.href).hash)?.[0];
  if (!event.shiftKey || begun === undefined || line === undefined) return;
  event.preventDefault();
  const [first, last] = line < begun[0] ? [line, begun[0]] : [begun[0], line];
  history.replaceState(null, '', `#L${first}-L${last}`);
  mark(false);
});
mark(true);

export {};
