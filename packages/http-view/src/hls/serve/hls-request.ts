import { HlsRefusal } from './hls-refusal.ts'

/** What a request for a playlist waits for (RFC 8216bis §6.2.5). */
export interface Directives {
  /** Media sequence number; undefined where nothing is waited for. */
  readonly segment: number | undefined
  /** Index of a part in it. */
  readonly part: number | undefined
  /** Whether old segments can be left out. */
  readonly isDelta: boolean
}

/** What a request asks for: the folder is that of a stream, and what is in it has a flat name. */
export interface Asked {
  /** With the slash before it, decoded: it has one name, however its letters are written. */
  readonly folder: string
  /** The same as it came. */
  readonly rawFolder: string
  readonly file: string
  readonly query: URLSearchParams
}

/** @throws HlsRefusal 404 for a path that can be no file of a stream */
export function askedOf(url: string): Asked {
  const [path = ''] = url.split('?', 1)
  const at = path.lastIndexOf('/')
  const [rawFolder, file] = [path.slice(0, at), path.slice(at + 1)]
  const folder = at > 0 && /^[\w-]+(\.\d{1,6})?\.[a-z\d]{2,5}$/i.test(file) ? decoded(rawFolder) : undefined
  if (folder === undefined) throw nothingHere()
  return { folder, rawFolder, file, query: new URLSearchParams(url.slice(path.length)) }
}

function decoded(path: string): string | undefined {
  try {
    return decodeURIComponent(path)
  } catch {
    return undefined
  }
}

/** For what does not exist, or no longer. */
export function nothingHere(): HlsRefusal {
  return new HlsRefusal(404, 'there is nothing here')
}

/** @throws HlsRefusal 400 for directives that make no sense */
export function directivesOf(query: URLSearchParams): Directives {
  const segment = numberOf(query, '_HLS_msn')
  const part = numberOf(query, '_HLS_part')
  const skip = onlyOne(query, '_HLS_skip')
  if (part !== undefined && segment === undefined) throw new HlsRefusal(400, '_HLS_part needs _HLS_msn')
  if (skip !== undefined && skip !== 'YES' && skip !== 'v2') throw new HlsRefusal(400, '_HLS_skip should be YES or v2')
  return { segment, part, isDelta: skip !== undefined }
}

function numberOf(query: URLSearchParams, name: string): number | undefined {
  const text = onlyOne(query, name)
  if (text === undefined) return undefined
  if (!/^\d{1,15}$/.test(text)) throw new HlsRefusal(400, `${name} should be a whole number from 0 on`)
  return Number(text)
}

function onlyOne(query: URLSearchParams, name: string): string | undefined {
  const all = query.getAll(name)
  if (all.length > 1) throw new HlsRefusal(400, `${name} should be there once`)
  return all[0]
}
