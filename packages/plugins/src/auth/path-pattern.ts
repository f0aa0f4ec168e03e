/** Application, instance and stream as one: `live/room/name`. Clients differ in where they split it. */
export function streamPath({ app, streamName }: { readonly app: string; readonly streamName: string }): string {
  return `${app}/${streamName}`
}

/**
 * Whether a path matches a pattern: `*` stands for any characters except a slash, a part `**` for any number of parts.
 * It takes at most pattern length times path length steps.
 *
 * @example matchesPath('live/room-*', 'live/room-7') // true matchesPath('live/**', 'live/a/b') // true
 */
export function matchesPath(pattern: string, path: string): boolean {
  return matches(pattern.split('/'), path.split('/'), part => part === '**', matchesPart)
}

function matchesPart(pattern: string, part: string): boolean {
  return matches(pattern.split(''), part.split(''), character => character === '*', Object.is)
}

/** Only the last of several wildcards needs to be tried again: those before it have taken as little as possible. */
function matches(
  pattern: readonly string[],
  text: readonly string[],
  isWildcard: (part: string) => boolean,
  isMatch: (pattern: string, text: string) => boolean,
): boolean {
  let [p, t, wildcard, retry] = [0, 0, -1, 0]
  while (t < text.length) {
    const wanted = pattern[p]
    if (wanted !== undefined && isWildcard(wanted)) [wildcard, retry, p] = [p, t, p + 1]
    else if (wanted !== undefined && isMatch(wanted, text[t] as string)) [p, t] = [p + 1, t + 1]
    else if (wildcard >= 0) [retry, p, t] = [retry + 1, wildcard + 1, retry + 1]
    else return false
  }
  return pattern.slice(p).every(isWildcard)
}
