import { expect, it } from 'vitest';
import { debianPurl } from '../../model/index.ts';
import { fitsPurl } from '../../sbom/purl.ts';

it('a package URL escapes the plus of a version and nothing that needs none, and is read again', () => {
  const identity = { name: 'g++-14', version: '1:2.3~rc1-1+b1', architecture: 'amd64', suite: 'trixie' };
  const purl = debianPurl(identity);
  expect(purl).toBe('pkg:deb/debian/g%2B%2B-14@1:2.3~rc1-1%2Bb1?arch=amd64&distro=trixie');
  expect(fitsPurl(purl, identity)).toEqual(identity);
  expect(() => fitsPurl(purl.replace('1%2Bb1', '1+b1'), identity)).toThrow('a purl is not that of the package');
});
