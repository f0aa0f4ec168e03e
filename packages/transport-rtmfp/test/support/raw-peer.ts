import { PacketOpener, PacketSealer } from '../../src/crypto/packet-cipher.ts'
import type { SessionLimits } from '../../src/session/limits.ts'
import { Session } from '../../src/session/session.ts'
import type { Endpoint } from '../../src/wire/address.ts'
import { type ByteWriter, written } from '../../src/wire/byte-writer.ts'
import { encodeOption } from '../../src/wire/options.ts'
import { forEachChunk, Mode, type PacketHeader, readHeader, writeHeader } from '../../src/wire/packet.ts'
import { FlowOption, Fragment, type OutgoingUserData, writeUserData } from '../../src/wire/user-data.ts'
import { vluLength } from '../../src/wire/vlu.ts'
import { initiatorAddress, keysOf } from './session-pair.ts'

/** A chunk as it was sent. */
export interface SeenChunk {
  readonly type: number
  readonly payload: Buffer
}

export function metadataOption(metadata: string | Buffer): Buffer {
  return encodeOption(FlowOption.Metadata, Buffer.from(metadata))
}

export function associationOption(flowId: number): Buffer {
  return encodeOption(
    FlowOption.ReturnAssociation,
    written(vluLength(flowId), writer => writer.vlu(flowId)),
  )
}

/** A session of ours, and a far end that sends whatever a test wants to, and answers nothing by itself. */
export class RawPeer {
  readonly session: Session
  now = 1_000
  /** Chunks that the session has sent since they were looked at. */
  chunks: SeenChunk[] = []
  headers: PacketHeader[] = []
  sentTo: Endpoint[] = []
  isClosed = false
  readonly #sealer: PacketSealer
  readonly #opener: PacketOpener

  constructor(limits: Partial<SessionLimits> = {}, isAuthenticated = true) {
    const keys = keysOf(true, isAuthenticated)
    this.#sealer = new PacketSealer(keys.sending)
    this.#opener = new PacketOpener(keys.receiving)
    this.session = new Session(
      {
        isInitiator: false,
        farId: Buffer.alloc(32),
        nearId: Buffer.alloc(32),
        farSessionId: 1,
        keys: keysOf(false, isAuthenticated),
        remote: initiatorAddress,
        secret: Buffer.alloc(32, 7),
        limits: { keepAlive: 1e9, ...limits },
        now: this.now,
      },
      {
        send: (datagram, to) => {
          this.sentTo.push(to)
          const reader = this.#opener.open(datagram)
          if (reader === undefined) throw new Error('a packet that can not be opened')
          this.headers.push(readHeader(reader))
          forEachChunk(reader, (type, payload) => this.chunks.push({ type, payload: payload.rest() }))
        },
        deadlineChanged() {},
        closed: () => {
          this.isClosed = true
        },
        forwardedHello() {},
      },
    )
  }

  /** A datagram of chunks, which nothing has been done with yet. */
  datagram(write: (writer: ByteWriter) => unknown, header: Partial<PacketHeader> = {}): Buffer {
    const writer = this.#sealer.begin(8_000)
    writeHeader(writer, { mode: Mode.Initiator, ...header })
    write(writer)
    return this.#sealer.seal(2, writer)
  }

  /** Sends chunks, and gives the session the time to answer. */
  send(
    write: (writer: ByteWriter) => unknown,
    { header = {}, from = initiatorAddress }: { header?: Partial<PacketHeader>; from?: Endpoint } = {},
  ): boolean {
    const isTaken = this.session.receive(this.datagram(write, header), from, this.now)
    this.run()
    return isTaken
  }

  /** A part of a flow; a whole message with metadata if nothing else is said. */
  sendData(chunk: Partial<OutgoingUserData> & { flowId: number; sequence: number }): void {
    this.send(writer =>
      writeUserData(writer, {
        forwardSequence: 0,
        fragment: Fragment.Whole,
        isAbandoned: false,
        isFinal: false,
        options: metadataOption('m'),
        data: Buffer.from('data'),
        ...chunk,
      }),
    )
  }

  /** Does what is due now. */
  run(): void {
    while (this.session.deadline <= this.now) this.session.tick(this.now)
  }

  /** Lets time go by. */
  wait(milliseconds: number): void {
    const end = this.now + milliseconds
    while (this.session.deadline <= end) {
      this.now = Math.max(this.now, this.session.deadline)
      this.session.tick(this.now)
    }
    this.now = end
  }

  /** What was sent since the last time. */
  seen(): SeenChunk[] {
    const { chunks } = this
    this.chunks = []
    return chunks
  }
}
