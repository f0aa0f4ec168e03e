import { percentEncoded } from '../../percent-encoding.ts'

/**
 * What people and programs encode in the user's part of a URL, from the least, since FFmpeg takes `@` and `:` of a
 * password as they are, to all but letters, digits and four more.
 */
const encoded: readonly RegExp[] = [
  /[/?#]/gu,
  /[/?#%]/gu,
  /[/?#@]/gu,
  /[/?#@%]/gu,
  /[/?#@:]/gu,
  /[/?#@:%]/gu,
  // As `URL` of browsers and Node does, but for the percent sign.
  /[^!$&'()*+,\-.\w~]/gu,
  // As encodeURIComponent() does.
  /[^!'()*\-.\w~]/gu,
  // RFC 3986 §2.3.
  /[^\-.\w~]/gu,
]

/**
 * The ways in which a text may stand in a URL. Some clients hash what was written there, not what it means, so that an
 * answer may be about each of them.
 */
export function writtenForms(text: string): readonly string[] {
  const upper = encoded.map(characters => text.replace(characters, percentEncoded))
  const lower = upper.map(form => form.replace(/%[0-9A-F]{2}/g, code => code.toLowerCase()))
  return [...new Set([text, ...upper, ...lower])]
}
