/** Of playlists (RFC 8216 §4). */
export const playlistType = 'application/vnd.apple.mpegurl'

/** Of a segment, a part, or what comes before them, by its name. */
export function typeOf(name: string): string {
  return name.endsWith('.ts') ? 'video/mp2t' : 'video/mp4'
}
