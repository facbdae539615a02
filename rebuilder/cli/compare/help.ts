import { limitsHelp } from './limits.ts';

/** What follows the list of options. */
export function moreHelp(): string {
  return `
LEFT is the old or published one. Each may be a file, a folder, or - for standard input (one of them).
Reports go to FILE, or for - to standard output; without any, text is printed. They are written for identical
inputs, too. @FILE stands for arguments that are read from FILE, one a line.

Exit status: 0 identical, 1 different, 2 trouble. Ctrl-C once, or --timeout, ends the looking and reports what was
found; Ctrl-C twice ends at once, with 130.

Limits for --limit (and what they usually are; sizes as 40M; 0 for none, but of depth,
runs and lines). Where one is reached, the node, the
summary and JSON's "truncated" say so; the verdict never hangs on one:
${limitsHelp()}

Options of diffoscope that are here by the same name:
  --text --html --markdown --text-color --output-empty --load-existing-diff --diff-context --max-report-size
  --max-container-depth --exclude --exclude-directory-metadata --timeout --status-fd --progress --no-progress
  --list-tools --list-missing-tools --debug --help; --json is Reproof's own format

Those that have another name here, or need none:
  --json                              --diffoscope-json
  --html-dir, --css, --jquery         --html: one file, which draws large differences when they are opened
  --restructured-text                 --markdown, or pandoc -f gfm -t rst on it
  --max-text-report-size              --max-report-size
  --max-page-size                     --max-report-size
  --max-diff-block-lines              --limit diffBytes=SIZE
  --max-page-diff-block-lines         not needed: what is long is drawn when it is scrolled to
  --max-diff-block-lines-saved        --limit diffBytes=SIZE
  --max-diff-input-lines              --limit textBytes=SIZE
  --no-default-limits                 --limit NAME=0 for each that is in the way
  --new-file                          not needed: members of one side alone are named, with their sizes and digests
  --force-details                     not needed: every member is compared; no list of checksums is believed
  --fuzzy-threshold                   not needed: renamed members are found by content and by name
  --exclude-command                   not needed: no program's output is the explanation
  --tool-prefix-binutils              not needed: ELF files are read without binutils; objdump shows instructions
  --diff-mask                         nothing is hidden: reasons say what a difference is (version, path, date)
  --extended-filesystem-attributes    not there: attributes of folders' entries are not looked at
  --use-dbgsym, --difftool, --profile, --pdb, --list-debian-substvars   not there`;
}
