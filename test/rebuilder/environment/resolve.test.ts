import { describe, expect, it } from 'vitest';
import { parseSimulation } from '../../../rebuilder/environment/resolve.ts';

describe('what apt says it would do', () => {
  it('is read with names, exact versions and architectures', () => {
    const output = [
      'Reading package lists...',
      'Remv gcc-13 [13.2.0-1]',
      'Inst libmagic1t64 (1:5.46-5 Debian:13.7/stable [amd64])',
      'Inst libc6:i386 (2.41-12 Debian:13.7/stable [i386]) []',
      'Inst libssl3t64 [3.5.1-1] (3.5.4-1~deb13u1 Debian-Security:13/stable-security, Debian:13.7/stable [amd64])',
      'Conf libmagic1t64 (1:5.46-5 Debian:13.7/stable [amd64])',
    ].join('\n');
    expect(parseSimulation(output)).toEqual({
      install: [
        { name: 'libmagic1t64', version: '1:5.46-5', architecture: 'amd64' },
        { name: 'libc6', version: '2.41-12', architecture: 'i386' },
        { name: 'libssl3t64', version: '3.5.4-1~deb13u1', architecture: 'amd64' },
      ],
      remove: ['gcc-13'],
    });
  });

  it('is refused where it is not understood, rather than left out', () => {
    expect(() => parseSimulation('Inst ../../x (1.0 y [amd64])')).toThrow(
      expect.objectContaining({ code: 'ENVIRONMENT_FAILED' }),
    );
  });
});
