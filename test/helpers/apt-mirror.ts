import { runProgram } from '../../programs/index.ts';

/** The Debian mirror that this machine's apt uses. */
export async function aptMirror(): Promise<string> {
  const { stdout } = await runProgram(['apt-get', 'indextargets', '--format', '$(SITE) $(REPO_URI)'], {
    limits: { wallSeconds: 60, outputBytes: 50_000_000 },
  });
  const found = stdout.toString().split('\n');
  const uri = found.map((line) => line.split(' ')[1] ?? '').find((each) => /^https?:\/\/.*\/debian\/?$/.test(each));
  if (uri === undefined) throw new Error('apt on this machine names no mirror of Debian');
  return uri;
}
