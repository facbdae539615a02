import type { Look } from '../parts/verdict.ts';

/** A word of the pages: what it says, what it does not say, and what to do. `id` is its anchor on /reading. */
export type Word = {
  readonly id: string;
  readonly word: string;
  readonly look?: Look;
  readonly says: string;
  readonly not?: string;
  readonly next?: string;
};

export const VERDICTS: readonly Word[] = [
  {
    id: 'reproducible',
    word: 'reproducible',
    look: 'good',
    says: 'Every published file that was judged came out of our build bit for bit: the same size, and the same SHA-256.',
    not: 'It does not say that the source is good or harmless, that the program does what it should, or that files which were not judged (debug symbols, udebs) would come out the same.',
    next: 'Nothing.',
  },
  {
    id: 'unreproducible',
    word: 'unreproducible',
    look: 'bad',
    says: 'Other bytes came out. “Nondeterministic”: two rebuilds of ours from the same plan differ, so that the cause is in the package or its tools. “Different”: they came out of the very environment that the publisher recorded.',
    not: 'It does not say that anything malicious happened, nor which side is right.',
    next: 'Look at the differences of the rebuild: each has its cause. For “nondeterministic”, look at what the control rebuild varied.',
  },
  {
    id: 'failed-to-build',
    word: 'failed to build',
    look: 'broken',
    says: 'The package’s own build ended with a failure.',
    not: 'It does not say that the package never built. Where its environment was not recorded, a newer build dependency may be the reason.',
    next: 'Read the end of the build log.',
  },
  {
    id: 'inconclusive',
    word: 'inconclusive',
    look: 'open',
    says: 'We could not find out, and the reason stands beside the word. “Environment drift” is the commonest: the build is steady, but ours was not the environment of the publisher, and a compiler’s revision alone changes every program.',
    not: 'It says nothing of the package.',
    next: 'Where sources or packages could not be had, it is tried again by itself. Where the environment was not recorded, a .buildinfo helps.',
  },
  {
    id: 'could-not-try',
    word: 'could not try',
    look: 'open',
    says: 'We failed: a machine, a mirror or a limit of ours stopped the build. Lists say so; the page of the rebuild says which.',
    not: 'It says nothing of the package, and never hides what was found out before.',
    next: 'It is tried again by itself.',
  },
  {
    id: 'not-known',
    word: 'not known',
    look: 'open',
    says: 'A rebuilder that is not ours said that it has no result, and not why.',
    next: 'Read its log, where there is one.',
  },
  {
    id: 'not-tried',
    word: 'not tried',
    look: 'none',
    says: 'It is listed, and nobody has built it here yet.',
    next: 'It waits in the queue.',
  },
];

export const WORDS: readonly Word[] = [
  {
    id: 'rebuild',
    word: 'rebuild',
    says: 'One attempt to build a published package again, from its source, without any network, with every package of its environment pinned by its SHA-256.',
    not: 'What went into the environment was published by others; we do not judge it.',
  },
  {
    id: 'recorded',
    word: 'recorded and inferred environment',
    says: 'Recorded: the publisher’s .buildinfo names every package that the build saw, and we use those. Inferred: nobody recorded them, and we use what the release has now.',
    not: 'In an inferred environment other bytes accuse nobody; equal bytes prove as much as in a recorded one.',
  },
  {
    id: 'control-rebuild',
    word: 'control rebuild',
    says: 'Where files differ we build once more with everything varied that should not matter: time, path, host name, user, locale, number of processors. It tells a steady build from an unsteady one.',
  },
  {
    id: 'artifacts',
    word: 'identical, differs, missing, extra',
    says: 'Of one file: the same bytes; other bytes; published and not rebuilt; rebuilt and not published. Extra files are listed and never judged.',
  },
  {
    id: 'undecided',
    word: 'decided and undecided',
    says: 'Decided is what is reproducible, unreproducible or failed to build. Everything else is undecided, and stands apart: per cents are of the decided.',
    not: 'A per cent of the decided says nothing of the undecided. 100 % is written only where there is no exception.',
  },
  {
    id: 'worst',
    word: 'the verdict of a source package',
    says: 'Lists of source packages show the worst of what its binary packages came to.',
  },
  {
    id: 'regression',
    word: 'regression',
    says: 'An attempt that came out worse than the last decided one of the same source package, release and architecture: it reproduced, and does not any more.',
  },
  {
    id: 'blocks-migration',
    word: 'blocks migration',
    says: 'The package is unreproducible or fails to build now, and an older version of it in the same distribution was reproduced. Debian keeps such a version out of testing.',
    not: 'Debian decides by its own rebuilders. What is said here is what it would see if it saw our results.',
    next: 'Look at the newest rebuild of the package, and compare it with the last version that reproduced.',
  },
  {
    id: 'cause',
    word: 'cause',
    says: 'What the differing bytes show of why they differ: a pattern that was seen in them.',
    not: 'A cause explains; it decides nothing, and it may follow from another one.',
  },
  {
    id: 'evidence',
    word: 'evidence',
    says: 'What a rebuild leaves for others: its record, its log, the digests of all files, and what is signed of them. It can be checked without us, by other tools.',
    not: 'A signature says who says it. It does not make it true.',
  },
  {
    id: 'checked-here',
    word: 'checked here and reported',
    says: 'Checked here: this server computed the digest of the rebuilt file itself. Reported: a worker did, and the server holds its words against what is published.',
  },
  {
    id: 'rebuilders',
    word: 'by how many rebuilders',
    says: 'One rebuilder may be wrong, or be owned by somebody. Several that are independent of each other and agree are worth more: count them.',
  },
];
