import { readFileSync } from 'node:fs'

/** One direction of a recorded connection; `test/fixtures/wire/README.md` tells how it was made. */
export interface Recording {
  readonly file: string
  readonly sentBy: 'client' | 'server'
  readonly client: string
  readonly version: string
  readonly role: 'publish' | 'play'
  readonly transport: 'rtmp' | 'rtmpt'
  readonly note?: string
  /** Messages by message type id. */
  readonly counts: Readonly<Record<string, number>>
  /** Names of the commands and data messages, in order. */
  readonly commands: readonly string[]
  /** What tshark found, in the order in which the messages were complete. */
  readonly messages: readonly RecordedMessage[]
}

export type RecordedMessage = readonly [typeId: number, messageStreamId: number, timestamp: number, length: number]

const folder = new URL('../fixtures/wire/', import.meta.url)

/** Everything that was recorded. */
export function recordings(): readonly Recording[] {
  const manifest = JSON.parse(readFileSync(new URL('manifest.json', folder), 'utf8')) as { files: Recording[] }
  return manifest.files
}

/** The bytes as they were on the wire: for `rtmpt` that is HTTP. */
export function recordedBytes(recording: Recording): Buffer {
  return readFileSync(new URL(recording.file, folder))
}

/** The bytes of the RTMP connection, which begin with the handshake. */
export function rtmpBytes(recording: Recording): Buffer {
  const bytes = recordedBytes(recording)
  if (recording.transport === 'rtmp') return bytes
  return Buffer.concat(recording.sentBy === 'client' ? sentBodies(bytes) : answerBodies(bytes))
}

// Only what is sent belongs to the connection; the bodies of open, idle and close are fillers.
function sentBodies(bytes: Buffer): Buffer[] {
  return [...httpMessages(bytes)].filter(({ head }) => head.startsWith('POST /send/')).map(({ body }) => body)
}

// The answer to open is the session id; all others begin with the polling byte.
function answerBodies(bytes: Buffer): Buffer[] {
  return [...httpMessages(bytes)].slice(1).map(({ body }) => body.subarray(1))
}

function* httpMessages(bytes: Buffer): Generator<{ head: string; body: Buffer }> {
  let at = 0
  while (at < bytes.length) {
    const end = bytes.indexOf('\r\n\r\n', at) + 4
    const head = bytes.toString('latin1', at, end)
    const length = Number(/content-length: (\d+)/i.exec(head)?.[1])
    if (end < 4 || Number.isNaN(length)) throw new Error(`not an HTTP message at ${at}: ${head.slice(0, 80)}`)
    yield { head, body: bytes.subarray(end, end + length) }
    at = end + length
  }
}
