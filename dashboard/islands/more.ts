/**
 * Links to more of the same (`a[data-more]`): what they lead to is put in their place when they are followed, and of
 * those that are `auto` when they are scrolled to. Without this script they are links.
 */
const NEAR = '900px';

const observer = new IntersectionObserver(
  (entries) => {
    for (const { isIntersecting, target } of entries) if (isIntersecting) void follow(target as HTMLAnchorElement);
  },
  { rootMargin: NEAR },
);

export function watchMore(within: ParentNode): void {
  for (const link of within.querySelectorAll<HTMLAnchorElement>('a[data-more]')) {
    link.addEventListener('click', (event) => {
      if (event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
      event.preventDefault();
      void follow(link, true);
    });
    if (link.dataset.more === 'auto') observer.observe(link);
  }
}

/** The part of a page behind an address, or undefined where it cannot be had. */
export async function fetchPart(address: string): Promise<readonly Node[] | undefined> {
  const url = new URL(address, location.href);
  url.searchParams.set('part', '1');
  const answer = await fetch(url, { headers: { accept: 'text/html' } }).catch(() => undefined);
  if (answer?.ok !== true) return undefined;
  const found = new DOMParser().parseFromString(await answer.text(), 'text/html').querySelector('[data-part]');
  return found === null ? undefined : [...found.childNodes];
}

async function follow(link: HTMLAnchorElement, focus = false): Promise<void> {
  if (link.ariaBusy === 'true') return;
  observer.unobserve(link);
  link.ariaBusy = 'true';
  const nodes = await fetchPart(link.href);
  link.ariaBusy = null;
  const place = link.closest('.more');
  if (nodes === undefined || place === null) {
    link.dataset.more = 'failed';
    link.textContent = 'More could not be loaded; follow this link to try again';
    return;
  }
  const begin = document.createElement('div');
  begin.tabIndex = -1;
  begin.append(...nodes);
  place.replaceWith(begin);
  watchMore(begin);
  document.dispatchEvent(new CustomEvent('more', { detail: begin }));
  if (focus) begin.focus({ preventScroll: true });
}

watchMore(document);
