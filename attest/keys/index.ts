export { KEY_ALGORITHMS, type KeyLife, type KeyUse } from './key-life.ts';
export {
  type GivenKey,
  type GivenPassphrase,
  type ImportedKey,
  type Keys,
  type KeysOptions,
  openKeys,
  type ReplacedKey,
  readGivenKey,
} from './open-keys.ts';
