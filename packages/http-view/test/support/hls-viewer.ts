import type { Served } from './served.ts'

/** A viewer of HLS who knows where the playlists are. */
export interface HlsViewer {
  /** The multivariant playlist. */
  readonly index: string
  /** Path of the first media playlist, with its token. */
  readonly path: string
  readonly token: string
  /** The playlist; directives are put behind the token. */
  playlist(directives?: string): Promise<Response>
  /** A file beside it. */
  file(name: string): Promise<Response>
}

/** Asks for the first playlist. */
export async function watch({ get }: Served, stream = '/live/stream', query = ''): Promise<HlsViewer> {
  const response = await get(`${stream}/index.m3u8${query}`)
  const index = await response.text()
  if (!response.ok) throw new Error(`${response.status} ${index}`)
  const uri = index.split('\n').find(line => line !== '' && !line.startsWith('#')) ?? ''
  const path = `${stream}/${uri}`
  return {
    index,
    path,
    token: /viewer=(.+)$/.exec(uri)?.[1] ?? '',
    playlist: (directives = '') => get(`${path}${directives}`),
    file: name => get(`${stream}/${name}`),
  }
}

/** Names of what a playlist lists. */
export function namesIn(text: string): string[] {
  const attributes = [...text.matchAll(/URI="([^"]+)"/g)].map(([, name = '']) => name)
  return [...attributes, ...text.split('\n').filter(line => line !== '' && !line.startsWith('#'))]
}
