/** `--fallback` of the commands that are clients, for commander. */
export const fallbackOption = [
  '--fallback [list]',
  'where the URL does not answer, try other ways: RTMPS and RTMPTS at 443, RTMPT at 80, or those of a list like rtmps:1936,rtmpts:8443',
] as const

/** An entry of the list: a scheme, with port or with host and port. A stream's URL has a path, and is none. */
const entry = /^(?:rtmp(?:s|e|t|ts|te)?|rtmfp)(:\d+|:\/\/[^/,]+\/?)?$/i

/**
 * Gives each `--fallback` its value, as commander would take whatever stands behind it, the URL too: what is a list is
 * the value, and all other words are not.
 */
export function withFallbackValues(args: readonly string[]): string[] {
  const [command, ...words] = args
  if (command !== 'publish' && command !== 'play') return [...args]
  const given = [command]
  for (let word = words.shift(); word !== undefined; word = words.shift()) {
    if (word === '--') return [...given, word, ...words]
    if (word !== '--fallback') given.push(word)
    else if (isList(words[0])) given.push(`${word}=${words.shift()}`)
    else given.push(`${word}=true`)
  }
  return given
}

/** What `connect` takes for it. */
export function fallbackOf(value: string | undefined): boolean | readonly string[] {
  if (value === undefined) return false
  return value === 'true' ? true : value.split(',')
}

function isList(word: string | undefined): boolean {
  return word !== undefined && word.split(',').every(part => entry.test(part))
}
