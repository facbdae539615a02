import { ReproofError } from '../../model/index.ts';

const BASE_NAME = /^[A-Za-z0-9][A-Za-z0-9.+~_:%-]*$/;

/** A file's name from a record, once it is certain that it names a file and no way to one. Throws STORE_CORRUPT. */
export function checkBaseName(name: string, doing: string): string {
  if (BASE_NAME.test(name) && name.length <= 255) return name;
  throw new ReproofError('STORE_CORRUPT', `${doing}: ${JSON.stringify(name.slice(0, 80))} is no file's base name`);
}
