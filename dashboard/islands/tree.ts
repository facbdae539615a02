import { fetchPart, watchMore } from './more.ts';

/** The tree of a difference: what is in a closed node is loaded when it is opened, and keys go from node to node. */
async function load(node: HTMLDetailsElement): Promise<void> {
  const address = node.dataset.load;
  if (address === undefined || !node.open) return;
  delete node.dataset.load;
  const inside = node.querySelector<HTMLElement>(':scope > .inside');
  if (inside === null) return;
  inside.ariaBusy = 'true';
  const nodes = await fetchPart(address);
  inside.ariaBusy = null;
  if (nodes === undefined) {
    node.dataset.load = address;
    return;
  }
  inside.replaceChildren(...nodes);
  watchMore(inside);
  watchNodes(inside);
}

function watchNodes(within: ParentNode): void {
  for (const node of within.querySelectorAll<HTMLDetailsElement>('details[data-load]'))
    node.addEventListener('toggle', () => void load(node));
}

function step(way: 1 | -1): void {
  const heads = [...document.querySelectorAll<HTMLElement>('[data-tree] summary')].filter((head) =>
    head.checkVisibility(),
  );
  const at = heads.indexOf(document.activeElement as HTMLElement);
  const next = heads[at < 0 ? (way > 0 ? 0 : heads.length - 1) : at + way];
  next?.focus();
  next?.scrollIntoView({ block: 'nearest' });
}

addEventListener('keydown', (event) => {
  const on = event.target as HTMLElement;
  if (event.ctrlKey || event.metaKey || event.altKey || /^(?:INPUT|TEXTAREA|SELECT)$/.test(on.tagName)) return;
  if (event.key === 'j') step(1);
  if (event.key === 'k') step(-1);
});
for (const keys of document.querySelectorAll<HTMLElement>('[data-keys]')) keys.hidden = false;
document.addEventListener('more', (event) => watchNodes((event as CustomEvent<HTMLElement>).detail));
watchNodes(document);
