import {
  ChunkDemuxer,
  LimitError,
  type ObservedChunk,
  ProtocolError,
  type RtmpError,
  type RtmpMessage,
} from '@rtmpipe/chunk-stream'
import { ChunkChecks } from './checks/chunk-checks.ts'
import type { ComplaintCode } from './complaint-code.ts'
import { handshakeLength, readHandshake } from './handshake-reader.ts'
import { messageFields } from './message-fields.ts'
import type { MessageReader } from './message-reader.ts'
import type { Names } from './names.ts'
import type { DumpOptions } from './options.ts'
import { printable } from './printable.ts'
import type { DumpRecord, Place, Sender } from './record.ts'

/** As long as the format has it, and as fast as a file is read. */
const limits = { maxMessageLength: 0xffffff, maxSmallChunksPerSecond: Infinity }
const plainVersion = 3
const encryptedVersions: readonly number[] = [6, 8, 9]
/** After these the chunk they came with has been told of. */
const afterChunk: ReadonlySet<string> = new Set([
  'RTMP_ERR_CHUNK_SIZE',
  'RTMP_ERR_CHUNK_SIZE_TOO_SMALL',
  'RTMP_ERR_PARTIAL_BYTES',
])

/** One direction of a connection: all bytes from C0 or S0 on. */
export class DirectionDump {
  readonly #connection: number
  readonly #reader: MessageReader
  readonly #names: Names
  readonly #options: DumpOptions
  readonly #emit: (record: DumpRecord) => void
  #from: Sender
  #capturedAt: number | undefined
  #position = 0
  #phase: 'handshake' | 'chunks' | 'lost' | 'ended'
  readonly #handshake: Buffer[] = []
  readonly #demuxer = new ChunkDemuxer(limits, chunk => this.#chunk(chunk))
  readonly #checks = new ChunkChecks()
  /** Where the chunk begins that is being read, and where the next one does. */
  #chunkStart = 0
  #nextChunk = 0
  /** Of the chunk that is being read. */
  #chunkStreamId = 0
  /** Where the messages in progress begin, by chunk stream. */
  readonly #messageStarts = new Map<number, number>()
  #messages = 0

  constructor(
    connection: number,
    from: Sender,
    reader: MessageReader,
    names: Names,
    options: DumpOptions,
    emit: (record: DumpRecord) => void,
  ) {
    this.#connection = connection
    this.#from = from
    this.#reader = reader
    this.#names = names
    this.#options = options
    this.#emit = emit
    this.#phase = options.noHandshake === true ? 'chunks' : 'handshake'
  }

  /** @param capturedAt seconds since the first packet of the capture */
  push(bytes: Buffer, capturedAt?: number): void {
    this.#capturedAt = capturedAt
    const start = this.#position
    this.#position += bytes.length
    if (this.#from !== null) this.#reader.sent(this.#from, this.#position)
    if (this.#phase === 'handshake') this.#readHandshake(bytes, start)
    else if (this.#phase === 'chunks') this.#readChunks(bytes)
  }

  /** Bytes that are not in the capture. */
  lost(count: number, capturedAt?: number): void {
    this.#capturedAt = capturedAt
    if (this.#phase !== 'handshake' && this.#phase !== 'chunks') return
    this.fail('capture-lost', `${count} bytes are not in the capture`, this.#position)
  }

  /** What the other side sent before this is not known. */
  peerIsBehind(): void {
    this.#reader.loseSide()
  }

  /** Complains, and reads no more of this direction. */
  fail(code: ComplaintCode, text: string, offset: number): void {
    this.#complain(code, text, offset, true)
    this.#phase = 'lost'
    this.#reader.loseSide()
  }

  /** No more bytes. */
  end(): void {
    if (this.#phase === 'ended') return
    const inside = this.#inside()
    this.#phase = 'ended'
    this.#emit({ kind: 'end', ...this.#place(this.#position), messages: this.#messages, inside })
  }

  #inside(): 'handshake' | 'message' | 'lost' | null {
    if (this.#phase === 'lost') return 'lost'
    if (this.#phase === 'handshake') return this.#position === 0 ? null : 'handshake'
    try {
      this.#demuxer.end()
      return null
    } catch {
      return 'message'
    }
  }

  #readHandshake(bytes: Buffer, start: number): void {
    if (start === 0 && !this.#begins(bytes)) return
    this.#handshake.push(bytes)
    if (this.#position < handshakeLength) return
    const all = Buffer.concat(this.#handshake)
    this.#handshake.length = 0
    const { from, ...handshake } = readHandshake(all.subarray(0, handshakeLength), this.#from)
    this.#from = from
    this.#emit({ kind: 'handshake', ...this.#place(0), length: handshakeLength, ...handshake })
    if (!handshake.digest && !handshake.peerVersion.startsWith('0.')) {
      const text = `version ${handshake.peerVersion} promises a digest, but there is no valid one`
      this.#complain('handshake-digest', text, 1, false)
    }
    this.#phase = 'chunks'
    this.#nextChunk = handshakeLength
    this.#readChunks(all.subarray(handshakeLength))
  }

  /** Whether it begins as RTMP that can be read. */
  #begins(bytes: Buffer): boolean {
    const version = bytes[0]
    if (version === plainVersion || version === undefined) return true
    if (encryptedVersions.includes(version)) {
      this.fail('encrypted', `version ${version} is RTMPE: nothing can be read without the keys`, 0)
      return false
    }
    const start = bytes.toString('latin1', 0, 12)
    const hint = /^(POST |GET |HTTP)/.test(start) ? ': HTTP; RTMPT has RTMP in its bodies' : ''
    const isTls = version === 0x16 && bytes[1] === 3 ? ': TLS' : ''
    this.fail('not-rtmp', `it begins with "${start}", not with version 3${hint}${isTls}`, 0)
    return false
  }

  #readChunks(bytes: Buffer): void {
    try {
      this.#demuxer.push(bytes, message => this.#message(message))
    } catch (error) {
      if (!(error instanceof ProtocolError || error instanceof LimitError)) throw error
      const { code, message } = error as RtmpError
      this.fail(code, message, afterChunk.has(code) ? this.#chunkStart : this.#nextChunk)
    }
  }

  #chunk(chunk: ObservedChunk): void {
    this.#chunkStart = this.#nextChunk
    this.#nextChunk += chunk.headerLength + chunk.payloadLength
    this.#chunkStreamId = chunk.chunkStreamId
    if (chunk.messageOffset === 0) this.#messageStarts.set(chunk.chunkStreamId, this.#chunkStart)
    if (this.#options.chunks === true) this.#emit({ kind: 'chunk', ...this.#place(this.#chunkStart), ...chunk })
    this.#checks.check(chunk, (code, text) => this.#complain(code, text, this.#chunkStart, false))
  }

  /** Emitted right after the payload of the chunk that was told of last. */
  #message(message: RtmpMessage): void {
    const chunkStreamId = this.#chunkStreamId
    const offset = this.#messageStarts.get(chunkStreamId) ?? this.#chunkStart
    const complaints: [ComplaintCode, string][] = []
    const { body, from } = this.#reader.read(this.#from, message, chunkStreamId, (code, text) => {
      complaints.push([code, text])
    })
    this.#from = from
    this.#messages++
    this.#emit({
      kind: 'message',
      ...this.#place(offset),
      chunkStreamId,
      ...messageFields(message, body, this.#names, this.#options.hex),
    })
    for (const [code, text] of complaints) this.#complain(code, text, offset, false)
  }

  #complain(code: ComplaintCode, text: string, offset: number, fatal: boolean): void {
    this.#emit({ kind: 'complaint', ...this.#place(offset), code, text: printable(this.#names.text(text)), fatal })
  }

  #place(offset: number): Place {
    const capturedAt = this.#capturedAt
    return {
      connection: this.#connection,
      from: this.#from,
      offset,
      ...(capturedAt !== undefined && { capturedAt }),
    }
  }
}
