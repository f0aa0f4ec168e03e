/** More of a name would make a line of the log hard to read. */
const maxShown = 100

/**
 * A name that a client has asked for, as the log may show it: without what may be a key. That is everything from the
 * first character on that begins a query, or is meant to.
 *
 * @param maxLength characters; what is longer is cut off
 */
export function shownName(name: string, maxLength: number = maxShown): string {
  const text = name.slice(0, 1_024).trim()
  // Some platforms' keys are a query and nothing else.
  if (text.startsWith('?')) return '?…'
  const [path = ''] = text.split(/[?#&;]|%(?:3f|23|26|3b)/i, 1)
  return path.length > maxLength ? `${path.slice(0, maxLength)}…` : path
}

/** Words about the stream of that name, as the log may show them: many repeat the name. */
export function shownReason(reason: string, streamName = ''): string {
  const name = streamName.trim()
  const shown = shownName(name)
  return shown === name ? reason : reason.replaceAll(name, shown)
}
