import { shownName } from '@rtmpipe/session'

/** Longest URL, or name of a client's program, that is told. */
const maxLength = 200

/** A URL without what may be a secret: user and password, query. */
export function shownUrl(url: string): string {
  const [path = ''] = url.slice(0, 1_024).split(/[?#]/, 1)
  return path.replace(/\/\/[^/]*@/, '//').slice(0, maxLength)
}

/** What a client calls itself. */
export function shownClient(flashVer: string): string {
  return flashVer.slice(0, maxLength)
}

/** A name without what may be a key, as in the log, but not cut off: streams are told apart by it. */
export function fullName(name: string): string {
  return shownName(name, Infinity)
}

/** The id of a stream: `app/name`, without what may be a key. */
export function streamId(app: string, name: string): string {
  return `${fullName(app)}/${fullName(name)}`
}
