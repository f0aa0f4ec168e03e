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

/** A path taken apart: the folder is that of a stream, and what is in it has a flat name. */
export interface HlsPath {
  /** As it came, with the slash before it. */
  readonly folder: string
  readonly file: string
}

/** @param path without query. Undefined for what can be no file of a stream */
export function hlsPath(path: string): HlsPath | undefined {
  const at = path.lastIndexOf('/')
  const file = path.slice(at + 1)
  return at > 0 && /^[\w-]+(\.\d{1,6})?\.[a-z\d]{2,5}$/i.test(file) ? { folder: path.slice(0, at), file } : undefined
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
