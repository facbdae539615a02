import { type Command, Option } from 'commander';
import { addCommonOptions, type CommandContext, type CommonOptions } from '../context.ts';
import type { SbomOptions } from '../sbom/print-sbom.ts';

const FORMATS = ['cyclonedx-1.6', 'cyclonedx-1.7', 'spdx-2.3'];

/**
 * Adds `reproof sbom FILE.deb|FILE.buildinfo|ID|TARGET` and `reproof sbom diff A B`. The first prints JSON in any case;
 * JSON of the second: an SbomDiff.
 */
export function register(program: Command, context: CommandContext): void {
  const command = program
    .command('sbom')
    .description('write the SBOM of a package, or of a build environment; diff compares two')
    .argument('<what>', "a .deb or a .buildinfo; a rebuild's id or its beginning, or a package, for its environment")
    .addOption(new Option('--format <name>', 'of the document').choices(FORMATS).default('cyclonedx-1.6'))
    .option('--artifact <name>', 'with a rebuild: of this file of it, as published')
    .option('--rebuilt', 'with --artifact: as rebuilt')
    .option('--suite <name>', 'with a .deb: the release that it is of, such as trixie');
  addCommonOptions(command).action(async (what: string, options: SbomOptions) => {
    const { printSbom } = await import('../sbom/print-sbom.ts');
    await printSbom(what, options, context);
  });
  const diff = command
    .command('diff')
    .description('print what changed between two packages, or two environments')
    .argument('<left>', 'an SBOM that reproof wrote, a .deb, a .buildinfo, or a rebuild for its environment')
    .argument('<right>', 'likewise');
  addCommonOptions(diff).action(async (left: string, right: string, _options: CommonOptions, self: Command) => {
    const { printSbomDiff } = await import('../sbom/print-sbom.ts');
    // Options of both commands have one name: what stands before the word is the first one's.
    await printSbomDiff([left, right], self.optsWithGlobals<CommonOptions>(), context);
  });
}
