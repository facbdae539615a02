import { type Frame, link } from '../frame.ts';
import { type Element, el } from '../h.ts';
import { codeToCopy } from '../parts/code.ts';

type Named = { readonly distribution: string; readonly release?: string; readonly name: string };

/** Words of a shell: what is not plainly harmless is quoted. */
function quoted(text: string): string {
  return /^[A-Za-z0-9.+~:=@_/-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}

/** The command that does here what we did. */
export function repeatSection(
  { name, release }: Named,
  build: { readonly version: string; readonly architecture: string } | undefined,
): Element {
  const version = build === undefined ? '' : `=${build.version}`;
  const suite = release === undefined ? '' : ` --suite ${quoted(release)}`;
  const architecture =
    build === undefined || build.architecture === 'all' ? '' : ` --arch ${quoted(build.architecture)}`;
  return el(
    'section',
    { 'aria-labelledby': 'repeat' },
    el('h2', { id: 'repeat' }, 'Repeat it yourself'),
    el(
      'p',
      {},
      'One command rebuilds it on a machine with a container engine, compares every byte and says why it differs:',
    ),
    codeToCopy('The command', `reproof rebuild ${quoted(`debian:${name}${version}`)}${suite}${architecture}`),
  );
}

/** The badge, and what to write where it is to be shown. */
export function badgeSection(frame: Frame, { distribution, release, name }: Named): Element {
  const path = ['api', 'badge', distribution, release ?? '-', `${name}.svg`];
  const here = { basePath: frame.publicUrl };
  const picture = link(here, path);
  const page = link(here, ['packages', distribution, release ?? '-', name]);
  const words = `reproducible: ${name}`.replaceAll(/[[\]\\`<>&"']/g, '');
  return el(
    'section',
    { 'aria-labelledby': 'badge' },
    el('h2', { id: 'badge' }, 'Badge'),
    el('p', {}, el('img', { src: link(frame, path), alt: `The badge of ${name}`, height: 20 })),
    codeToCopy('Markdown of the badge', `[![${words}](${picture})](${page})`),
    codeToCopy('HTML of the badge', `<a href="${page}"><img src="${picture}" alt="${words}"></a>`),
  );
}
