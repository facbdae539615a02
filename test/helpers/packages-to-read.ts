import { digestOf, type ServiceRows } from './service-data.ts';

/** Sources: hello (2 inputs), dfrs, failing, waiting, and an old hello that nothing lists any more. */
export async function fillPackages(rows: ServiceRows): Promise<void> {
  const hello = await rows.source({ maintainer: 'Santiago <s@example.org>' });
  const dfrs = await rows.source({ name: 'rust-dfrs', version: '0.0.7-14', component: 'contrib' });
  const failing = await rows.source({ name: 'failing', version: '1:1.0-1', release: 'sid' });
  const waiting = await rows.source({ name: 'waiting', version: '9', distribution: 'other', release: '' });
  const old = await rows.source({ version: '2.10-4', seen: 0 });
  const good = await rows.input({ status: 'GOOD', verdict: 'reproducible', result_id: 1, decided_at: 'x', url: 'u' });
  const all = await rows.input({ status: 'BAD', architecture: 'all', result_id: 2 });
  const bad = await rows.input({ source: 'rust-dfrs', version: '0.0.7-14', status: 'BAD', result_id: 3 });
  const fail = await rows.input({
    source: 'failing',
    version: '1:1.0-1',
    release: 'sid',
    status: 'FAIL',
    result_id: 4,
  });
  const none = await rows.input({ source: 'waiting', version: '9', distribution: 'other', release: '' });
  for (const build_input_id of [good, all, bad, fail]) await rows.result({ build_input_id, wall_seconds: 61.5 });
  await rows.artifact({
    rebuilt_sha256: digestOf('a'),
    report_sha256: digestOf('b'),
    attestation_sha256: digestOf('c'),
  });
  const ofHello = { source_package_id: hello, build_input_id: good };
  await rows.binary({ ...ofHello, status: 'GOOD', sha256: digestOf('a'), size: 5, result_id: 1, artifact_id: 1 });
  await rows.binary({
    ...ofHello,
    build_input_id: all,
    name: 'hello-doc',
    architecture: 'all',
    status: 'BAD',
    result_id: 2,
  });
  await rows.binary({
    source_package_id: dfrs,
    build_input_id: bad,
    name: 'dfrs',
    version: '0.0.7-14',
    component: 'contrib',
    status: 'BAD',
    result_id: 3,
  });
  await rows.binary({
    source_package_id: failing,
    build_input_id: fail,
    name: 'failing',
    version: '1:1.0-1+b1',
    status: 'FAIL',
    result_id: 4,
  });
  await rows.binary({
    source_package_id: waiting,
    build_input_id: none,
    name: 'waiting_100%',
    version: '9',
    component: null,
    architecture: 'riscv64',
  });
  await rows.binary({ source_package_id: old, build_input_id: none, name: 'hello', version: '2.10-4', seen: 0 });
}
