/** Header lines of one request. */
const MAX_HEADERS = 50

const REQUEST_LINE = /^POST (\/(?:open|send|idle|idel|close|fcs)(?:\/[\w-]{1,64}){0,2}) HTTP\/1\.([01])$/
/** A name, and a value without control characters; what is odd about it is Node's to judge. */
const FIELD = /^([\w!#$%&'*+.^`|~-]+): ?([\x21-\x7e](?:[\t\x20-\x7e]*[\x21-\x7e])?)$/
/** Headers that change how a request is read or answered. */
const SPECIAL = new Set(['transfer-encoding', 'expect', 'upgrade', 'trailer', 'te'])

/** The headers of a request, and what they mean for its connection. */
export interface PlainFields {
  /** By name in lower case. */
  readonly headers: Record<string, string>
  /** Names and values in turn, as they came. */
  readonly raw: string[]
  readonly bodyLength: number
  /** What `Connection` says. */
  readonly connection: 'close' | 'keep-alive' | undefined
}

/** A POST to a path of the tunnel, with a body of a declared length, that leaves no doubt about how to read it. */
export interface PlainHead {
  readonly path: string
  /** Of HTTP/1. */
  readonly minor: 0 | 1
  /** The connection is to be kept. */
  readonly stays: boolean
  readonly fields: PlainFields
}

/** Reads heads of requests on one connection; those of a client are alike. */
export class PlainHeadReader {
  #text = ''
  #fields: PlainFields | undefined

  /** @param text a head without the empty line @returns undefined when it is not plain */
  read(text: string): PlainHead | undefined {
    const end = text.indexOf('\r\n')
    const line = REQUEST_LINE.exec(end < 0 ? text : text.slice(0, end))
    if (end < 0 || line === null) return undefined
    const rest = text.slice(end + 2)
    if (rest !== this.#text) {
      this.#text = rest
      this.#fields = readFields(rest)
    }
    const fields = this.#fields
    const minor = line[2] === '1' ? 1 : 0
    if (fields === undefined || (minor === 1 && fields.headers.host === undefined)) return undefined
    const stays = minor === 1 ? fields.connection !== 'close' : fields.connection === 'keep-alive'
    return { path: line[1] as string, minor, stays, fields }
  }
}

function readFields(text: string): PlainFields | undefined {
  const lines = text.split('\r\n')
  if (lines.length > MAX_HEADERS) return undefined
  const headers: Record<string, string> = Object.create(null) as Record<string, string>
  const raw: string[] = []
  for (const line of lines) {
    const [, name = '', value = ''] = FIELD.exec(line) ?? []
    const key = name.toLowerCase()
    if (key === '' || SPECIAL.has(key) || headers[key] !== undefined) return undefined
    headers[key] = value
    raw.push(name, value)
  }
  const length = headers['content-length'] ?? ''
  const connection = headers.connection?.toLowerCase()
  if (!/^\d{1,9}$/.test(length)) return undefined
  if (connection !== undefined && connection !== 'close' && connection !== 'keep-alive') return undefined
  return { headers, raw, bodyLength: Number(length), connection }
}
