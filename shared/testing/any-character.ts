// Every character there is, for texts that nobody would type.
import fc from 'fast-check'

const SURROGATES = 0xd800 // the first; halves of a character are none
const COUNT = 0x800

/** For `unit` and `stringUnit`, as 'binary' is; that one makes a table of all of them first, which takes a second. */
export const anyCharacter = fc
  .integer({ min: 0, max: 0x10ffff - COUNT })
  .map((code) => String.fromCodePoint(code < SURROGATES ? code : code + COUNT))
