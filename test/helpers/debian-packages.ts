import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { sha256Of } from '../../model/index.ts';
import { runProgram } from '../../programs/index.ts';

const limits = { wallSeconds: 30, outputBytes: 1_000_000 };

async function run(argv: readonly [string, ...string[]], cwd: string): Promise<void> {
  const { status, stderr } = await runProgram(argv, { limits, cwd });
  if (status !== 0) throw new Error(`${argv.join(' ')}: ${stderr}`);
}

/** A changelog entry of 1 January 2024, 00:00:00 UTC plus so many days. */
export function entry(source: string, version: string, more: { days?: number; keys?: string } = {}): string {
  const date = new Date(Date.UTC(2024, 0, 1 + (more.days ?? 0))).toUTCString().replace('GMT', '+0000');
  return `${source} (${version}) sid; urgency=low${more.keys ?? ''}\n\n  * Change.\n\n -- T <t@example.org>  ${date}\n`;
}

export type TestDeb = {
  readonly name: string;
  readonly bytes: Buffer;
  readonly control: Readonly<Record<string, string>>;
};

/** A small .deb by dpkg-deb, packed by gzip unless said otherwise, with these files in it. `Source` is as the control field has it. */
export async function makeDeb(
  folder: string,
  {
    packed = 'gzip',
    ...control
  }: {
    readonly packed?: 'gzip' | 'xz';
    readonly Package: string;
    readonly Version: string;
    readonly Architecture: string;
    readonly Source?: string;
  },
  files: Readonly<Record<string, Uint8Array>> = {},
): Promise<TestDeb> {
  const home = await mkdtemp(join(folder, 'deb-'));
  const fields = { ...control, Maintainer: 'T <t@example.org>', Description: 'x' };
  const text = Object.entries(fields)
    .map(([name, value]) => `${name}: ${value}\n`)
    .join('');
  for (const [path, content] of Object.entries({ 'DEBIAN/control': Buffer.from(text), ...files })) {
    await mkdir(join(home, 't', path, '..'), { recursive: true });
    await writeFile(join(home, 't', path), content);
  }
  await run(['dpkg-deb', '--root-owner-group', `-Z${packed}`, '-b', 't', 'x.deb'], home);
  const version = control.Version.replace(/^[0-9]+:/, '');
  const name = `${control.Package}_${version}_${control.Architecture}.deb`;
  return { name, bytes: await readFile(join(home, 'x.deb')), control: fields };
}

export type TestSource = {
  readonly name: string;
  readonly version: string;
  readonly files: Readonly<Record<string, Buffer>>;
};

/** A source package by dpkg-source: 3.0 (quilt) with a detached signature when the version has a revision, else native. */
export async function makeSource(
  folder: string,
  source: { readonly name: string; readonly version: string; readonly architectures: readonly string[] },
): Promise<TestSource> {
  const home = await mkdtemp(join(folder, 'src-'));
  const { name, version } = source;
  const plain = version.replace(/^[0-9]+:/, '');
  const upstream = plain.replace(/-[^-]*$/, '');
  const tree = join(home, `${name}-${upstream}`);
  await mkdir(tree);
  await writeFile(join(tree, 'a.c'), `int ${name.replace(/[^a-z]/g, '')};\n`);
  if (plain.includes('-')) {
    await run(['tar', 'czf', `${name}_${upstream}.orig.tar.gz`, `${name}-${upstream}`], home);
    await writeFile(join(home, `${name}_${upstream}.orig.tar.gz.asc`), 'not really a signature\n');
  }
  await mkdir(join(tree, 'debian/source'), { recursive: true });
  const binaries = source.architectures.map(
    (word) => `\nPackage: ${name}-${word}\nArchitecture: ${word}\nDescription: x\n`,
  );
  const control = `Source: ${name}\nMaintainer: T <t@example.org>\nBuild-Depends: compiler\nStandards-Version: 4.7.0\n${binaries.join('')}`;
  await writeFile(join(tree, 'debian/control'), control);
  await writeFile(join(tree, 'debian/rules'), '#!/usr/bin/make -f\n');
  await writeFile(join(tree, 'debian/source/format'), plain.includes('-') ? '3.0 (quilt)\n' : '3.0 (native)\n');
  await writeFile(join(tree, 'debian/changelog'), entry(name, version));
  await run(['dpkg-source', '-b', `${name}-${upstream}`], home);
  const names = (await readdir(home)).filter((file) => file.startsWith(`${name}_`)).sort();
  const files = await Promise.all(names.map(async (file) => [file, await readFile(join(home, file))] as const));
  return { name, version, files: Object.fromEntries(files) };
}

/** The path of a package's file under the archive's root. */
export function poolPath(source: string, file: string): string {
  return `pool/main/${source[0]}/${source}/${file}`;
}

/** A Packages paragraph. */
export function packagesParagraph(deb: TestDeb): string {
  const source = (deb.control.Source ?? deb.control.Package ?? '').split(' ')[0] ?? '';
  const fields = {
    ...deb.control,
    Filename: poolPath(source, deb.name),
    Size: deb.bytes.length,
    SHA256: sha256Of(deb.bytes),
  };
  return `${Object.entries(fields)
    .map(([name, value]) => `${name}: ${value}\n`)
    .join('')}\n`;
}

/** A Sources paragraph, as the archive's software makes it from a .dsc; `more` are further lines. */
export function sourcesParagraph(source: TestSource, more = ''): string {
  const dsc = Object.entries(source.files).find(([name]) => name.endsWith('.dsc'));
  if (dsc === undefined) throw new Error('no .dsc');
  const [name, bytes] = dsc;
  const md5 = createHash('md5').update(bytes).digest('hex');
  const text = bytes
    .toString()
    .replace(/^Source:/m, 'Package:')
    .replace(/^Checksums-Sha1:.*\n(?: .*\n)+/m, '')
    .replace(/^(Checksums-Sha256:).*\n/m, `$1\n ${sha256Of(bytes)} ${bytes.length} ${name}\n`)
    .replace(/^(Files:).*\n/m, `$1\n ${md5} ${bytes.length} ${name}\n`);
  return `${text}Directory: ${poolPath(source.name, '').slice(0, -1)}\nPriority: optional\nSection: misc\n${more}\n`;
}
