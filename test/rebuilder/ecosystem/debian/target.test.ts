import { describe, expect, it } from 'vitest';
import { parseTarget, type TargetOptions } from '../../../../rebuilder/ecosystem/debian/target.ts';

const name = (more: object): object => ({ kind: 'name', ecosystem: 'debian', name: 'less', ...more });

describe('reading a target', () => {
  it.each<[string, TargetOptions, object]>([
    ['debian:less', {}, name({})],
    ['debian:less=1:668-1+b2', {}, name({ version: '1:668-1+b2' })],
    [
      'debian:less',
      { suite: 'trixie-security', architecture: 'arm64' },
      name({ suite: 'trixie-security', architecture: 'arm64' }),
    ],
    ['debian:libstdc++6', {}, name({ name: 'libstdc++6' })],
    ['pkg:deb/debian/less', {}, name({})],
    [
      'pkg:deb/debian/less@668-1?arch=amd64&distro=trixie',
      {},
      name({ version: '668-1', suite: 'trixie', architecture: 'amd64' }),
    ],
    ['pkg:deb/debian/less@668-1?arch=source', {}, name({ version: '668-1' })],
    ['pkg:deb/debian/less?arch=all', { architecture: 'amd64' }, name({ architecture: 'amd64' })],
    ['pkg:deb/debian/less@1%3A668-1%2Bb1', {}, name({ version: '1:668-1+b1' })],
    ['pkg:deb/debian/less?distro=debian-trixie', { suite: 'trixie' }, name({ suite: 'trixie' })],
    ['./a b/less_668-1.dsc', {}, { kind: 'dsc', ecosystem: 'debian', location: './a b/less_668-1.dsc' }],
    [
      'less_668-1_amd64.buildinfo',
      { suite: 'sid' },
      { kind: 'buildinfo', ecosystem: 'debian', location: 'less_668-1_amd64.buildinfo', suite: 'sid' },
    ],
    [
      'https://example.org/x/less.dsc?a=b',
      {},
      { kind: 'dsc', ecosystem: 'debian', location: 'https://example.org/x/less.dsc?a=b' },
    ],
  ])('understands %s with %j', (text, options, expected) => {
    expect(parseTarget(text, options)).toEqual(expected);
  });

  it.each<[string, TargetOptions, RegExp]>([
    ['less', {}, /did you mean debian:less\?/],
    ['less=668-1', {}, /did you mean debian:less=668-1\?/],
    ['', {}, /use debian:less/],
    ['fedora:less', {}, /use debian:less/],
    ['debian:', {}, /package names/],
    ['debian:L', {}, /package names/],
    ['debian:../etc', {}, /package names/],
    ['debian:-o', {}, /package names/],
    ['debian:less=', {}, /not a Debian version/],
    ['debian:less=../1', {}, /not a Debian version/],
    ['debian:less\n=1', {}, /control character/],
    ['debian:less', { suite: '../x' }, /not the name of a suite/],
    ['debian:less', { architecture: '../x' }, /not an architecture/],
    ['pkg:npm/less', {}, /pkg:deb\/debian/],
    ['pkg:deb/ubuntu/less', {}, /pkg:deb\/debian/],
    ['pkg:deb', {}, /not a purl/],
    ['pkg:deb/debian/less?distro=debian-13', {}, /use one such as distro=trixie/],
    ['pkg:deb/debian/less?distro=sid', { suite: 'trixie' }, /leave one of them out/],
    ['pkg:deb/debian/less?arch=i386', { architecture: 'amd64' }, /leave one of them out/],
    ['pkg:deb/debian/less#sub', {}, /subpath/],
    ['ftp://example.org/less.dsc', {}, /use debian:less/],
    ['.dsc', {}, /use debian:less/],
  ])('refuses %j with %j and names the way out', (text, options, why) => {
    expect(() => parseTarget(text, options)).toThrow(
      expect.objectContaining({ code: 'TARGET_SYNTAX', message: expect.stringMatching(why) }),
    );
  });
});
