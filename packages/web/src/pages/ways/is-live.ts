/**
 * Whether a playlist goes on. Of a stream that has ended it can be had for a while, and would be played from its beginning.
 *
 * @param index of `index.m3u8`
 */
export async function isLive(index: string, signal: AbortSignal): Promise<boolean> {
  const text = async (url: URL): Promise<string> => {
    const answer = await fetch(url, { signal, cache: 'no-store' })
    return answer.ok ? await answer.text() : ''
  }
  try {
    const url = new URL(index, location.href)
    const media = (await text(url)).split('\n').find(line => /^[^#\s]/.test(line))
    if (media === undefined) return false
    const playlist = await text(new URL(media, url))
    return playlist !== '' && !playlist.includes('#EXT-X-ENDLIST')
  } catch {
    return false
  }
}
