import type { Reason } from '../../model/index.ts';

export const SAME_FOLDER = 'build in the same folder, or map it (-ffile-prefix-map, -trimpath of Go)';

/** What packages install into, and no build has its folder in. */
const INSTALLED = /^\/(?:usr\/(?:local\/)?)?(?:s?bin|lib\w{0,3}|libexec|share|include|etc)\//;
const PROGRAM = /^\/(?:usr\/(?:local\/)?)?s?bin\/[^/]+$/;
const TRIPLET = /\b[a-z0-9_]{3,20}-linux-(?:gnu|musl|android)\w*/g;
const VERSION = /\d+(?:[.+~]\d+)*/g;
/** Builders of Debian have no folder of a user; those that vary the build set one there. */
const HOME = /^(?:\/nonexistent\/|\/(?:home\/[^/]+|root)(?:\/\.|$))/;
const TEMPORARY = /^\/(?:var\/)?tmp\/[^/]+/;
const TEMPORARY_FILE = /^\/(?:var\/)?tmp\/[^/]+\.[a-zA-Z]\w{0,4}$/;
/** With letters: a folder of sources ends in figures, as a library does. */
const NAME_OF_A_FILE = /\/[^/]+\.[a-zA-Z]\w{0,4}$/;

/** What helps against another path: only of one in the folder of the build is it to build in the same. */
export function helpAgainstPath({ left = '', right = '' }: Reason, at: string): string {
  const both = (pattern: RegExp): boolean => pattern.test(left) && pattern.test(right);
  const alikeBut = (pattern: RegExp): boolean => left.replace(pattern, '*') === right.replace(pattern, '*');
  const merged = left === `/usr${right}` || right === `/usr${left}` ? ' (of a merged /usr both exist)' : '';
  // A configure script finds a program in /bin or in /usr/bin.
  if (both(PROGRAM) && !alikeBut(VERSION)) return `name programs by the same paths${merged}`;
  if (merged !== '') return `name files by the same paths${merged}`;
  if (both(INSTALLED)) {
    if (alikeBut(TRIPLET)) return 'build for the same architecture';
    return alikeBut(VERSION)
      ? 'build with the same versions of what is installed'
      : 'build with the same packages installed';
  }
  if (both(HOME)) return 'build with the same HOME, or keep it out of what is stored';
  if (both(TEMPORARY_FILE)) return 'leave out what temporary files are called';
  if (both(TEMPORARY) && TEMPORARY.exec(left)?.[0] !== TEMPORARY.exec(right)?.[0])
    return `${SAME_FOLDER}, or leave out what temporary folders are called`;
  if (both(NAME_OF_A_FILE) && folderOf(left) === folderOf(right)) return 'name the file alike';
  // Its names are of libraries, and of folders to look for them in: nothing that a compiler maps.
  if (at === '.dynstr') return 'build in the same folder, or store none of it for libraries (RPATH, RUNPATH)';
  return SAME_FOLDER;
}

function folderOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/'));
}
