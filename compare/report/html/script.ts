/**
 * The page's own script, kept from any other by its digest in the page's policy. It draws what was put off, finds
 * addresses in it, and gives keys. It holds no `</`, and is the same in every page.
 */
export const SCRIPT = `'use strict';
const store = document.getElementById('store');
const all = (query, within) => [...(within || document).querySelectorAll(query)];

async function text(number) {
  const packed = document.getElementById('later-' + number);
  if (!packed) return null;
  const bytes = Uint8Array.from(atob(packed.textContent), (letter) => letter.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('gzip'));
  return new Response(stream).text();
}

async function draw(place) {
  if (place.dataset.drawn) return;
  place.dataset.drawn = '1';
  seen.unobserve(place);
  const found = await text(place.dataset.later);
  place.style.minHeight = '';
  if (found === null) {
    place.textContent = place.textContent.replace('loaded when shown', 'left out of this report for its limit');
    return;
  }
  place.className = 'drawn';
  place.innerHTML = found;
  watch(place);
}

const seen = new IntersectionObserver((entries) => {
  for (const entry of entries) if (entry.isIntersecting) draw(entry.target);
}, { rootMargin: '800px' });

function watch(within) {
  for (const place of all('.later', within)) {
    const lines = Math.min(Number(place.dataset.lines), 20000);
    place.style.minHeight = (place.dataset.inside === undefined ? 1.4 : 2.2) * lines + 'em';
    seen.observe(place);
  }
}

function marks(address) {
  const found = [];
  let mark = 0x811c9dc5;
  for (let index = 0; index < address.length; index++) {
    if (address[index] === '/') found.push(mark.toString(36));
    mark = Math.imul(mark ^ address.charCodeAt(index), 0x01000193) >>> 0;
  }
  return [...found, mark.toString(36)];
}

async function reveal() {
  const wanted = location.hash.slice(1);
  if (wanted === '') return;
  const ways = marks(wanted);
  const leads = (one) => !one.dataset.drawn && one.dataset.inside.split(' ').some((mark) => ways.includes(mark));
  for (let tries = 0; tries < 1000 && !document.getElementById(wanted); tries++) {
    const place = all('.later[data-inside]').find(leads);
    if (!place) return;
    await draw(place);
  }
  const target = document.getElementById(wanted);
  if (!target) return;
  for (let node = target; node; node = node.parentElement) if (node.tagName === 'DETAILS') node.open = true;
  target.scrollIntoView({ block: 'start' });
  target.querySelector('summary').focus({ preventScroll: true });
}

function step(way) {
  const heads = all('details.node > summary').filter((head) => head.checkVisibility());
  const at = heads.indexOf(document.activeElement);
  const next = heads[at < 0 ? (way > 0 ? 0 : heads.length - 1) : at + way];
  if (!next) return;
  next.focus();
  next.scrollIntoView({ block: 'nearest' });
}

const press = (id, call) => {
  const button = document.getElementById(id);
  if (button) button.addEventListener('click', call);
};
for (const buttons of all('.buttons')) buttons.hidden = false;
press('open-all', () => all('details.node').forEach((node) => { node.open = true; }));
press('close-all', () => all('details.node').forEach((node, index) => { node.open = index === 0; }));
press('on', () => step(1));
press('back', () => step(-1));
addEventListener('keydown', (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.tagName === 'INPUT') return;
  if (event.key === 'n' || event.key === 'j') step(1);
  if (event.key === 'p' || event.key === 'k') step(-1);
});
addEventListener('hashchange', reveal);
watch(document);
reveal();
`;
