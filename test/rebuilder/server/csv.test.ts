import { describe, expect, it } from 'vitest';
import { csvLine } from '../../../rebuilder/server/csv.ts';
import { serviceRows } from '../../helpers/service-data.ts';
import { openServiceLab } from '../../helpers/service-lab.ts';
import { seededPackages } from '../../helpers/shown-packages.ts';

describe('a line of CSV', () => {
  it('quotes what has to be quoted, RFC 4180', () => {
    expect(csvLine(['a', 'b,c', 'd"e', 'f\ng', undefined, 5, true, ''])).toBe('a,"b,c","d""e","f\ng",,5,true,\r\n');
  });

  it.each([
    ['=cmd|calc', "'=cmd|calc"],
    ['+1', "'+1"],
    ['-1', "'-1"],
    ['@SUM(A1)', "'@SUM(A1)"],
    ['\t=1', "'\t=1"],
    ['  =1', "'  =1"],
    ['\uff1d1', "'\uff1d1"],
    ['\r=1', `"'\\x0d=1"`],
    ['1=1', '1=1'],
    ['a-b', 'a-b'],
  ])('keeps %j from being a formula', (text, cell) => {
    expect(csvLine([text]).replace(/^"'\\/, `"'\\`)).toBe(`${cell.startsWith('"') ? cell.slice(1, -1) : cell}\r\n`);
  });

  it('leaves numbers below nothing as numbers', () => {
    expect(csvLine([-1])).toBe('-1\r\n');
  });

  it('writes out what moves a terminal', () => {
    expect(csvLine(['a\u001b[2J\u202eb\ud800'])).toBe('a\\x1b[2J\\u202eb\ufffd\r\n');
  });
});

describe('lists as CSV', () => {
  async function openFilled() {
    const lab = await openServiceLab();
    await seededPackages(lab.database);
    const get = async (url: string) => {
      const answer = await lab.server.app.inject({ url });
      expect([url, answer.statusCode]).toEqual([url, 200]);
      expect(answer.headers).toMatchObject({
        'content-type': 'text/csv; charset=utf-8; header=present',
        'content-disposition': expect.stringMatching(/^attachment; filename="[a-z]+\.csv"$/),
      });
      return answer.body;
    };
    return { ...lab, get };
  }

  it('have the columns of their JSON by name', async () => {
    const { get } = await openFilled();
    expect((await get('/api/sources.csv?name=worse&seen=true')).split('\r\n')).toEqual([
      'id,distribution,release,component,name,version,maintainer,status,resultId,seen,lastSeenAt',
      '3,debian,sid,main,worse,3-1,The Team <team@example.org>,BAD,3,true,2026-01-02T03:04:05.678Z',
      '',
    ]);
    expect((await get('/api/stats.csv')).split('\r\n')).toEqual([
      'distribution,release,component,architecture,good,bad,fail,unknown',
      'debian,sid,main,amd64,1,2,0,1',
      '',
    ]);
    expect((await get('/api/stats/causes.csv')).split('\r\n').slice(1, 3)).toEqual([
      'debian,sid,order,1',
      'debian,sid,timestamp,1',
    ]);
  });

  it('have what is filtered, in the order that is asked for', async () => {
    const { get } = await openFilled();
    const versions = (text: string) =>
      text
        .trimEnd()
        .split('\r\n')
        .slice(1)
        .map((line) => line.split(',')[4]);
    expect(versions(await get('/api/rebuilds.csv?name=worse'))).toEqual(['3-1', '2-1', '1-1']);
    expect(versions(await get('/api/rebuilds.csv?name=worse&direction=ascending'))).toEqual(['1-1', '2-1', '3-1']);
    expect(versions(await get('/api/packages/debian/worse/history.csv?version=2-1'))).toEqual(['2-1']);
    expect(versions(await get('/api/regressions.csv'))).toEqual(['3-1']);
    for (const list of ['targets', 'queue', 'stats/days'])
      expect(await get(`/api/${list}.csv`)).toContain('distribution');
  });

  it('are whole, however long, and each row is there once', async () => {
    const { get, database } = await openFilled();
    const { source } = serviceRows(database);
    for (let at = 0; at < 2_100; at++) await source({ name: `many-${at}` });
    const lines = (await get('/api/sources.csv?name-starts-with=many&sort=name')).trimEnd().split('\r\n');
    expect(lines).toHaveLength(2_101);
    expect(new Set(lines).size).toBe(2_101);
  });

  it('are for readers only where reading is not public, and know no page', async () => {
    const { server } = await openServiceLab({ server: { publicReading: false } });
    expect((await server.app.inject({ url: '/api/sources.csv' })).statusCode).toBe(401);
    const { server: open } = await openServiceLab();
    expect((await open.app.inject({ url: '/api/sources.csv?limit=5' })).statusCode).toBe(400);
  });
});
