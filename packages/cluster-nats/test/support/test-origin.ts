import type { RtmpMessage } from '@rtmpipe/chunk-stream'
import { mediaRole } from '@rtmpipe/session'
import { type FrameHead, FrameFlag, FrameKind, type FramedMessage } from '../../src/wire/frame.ts'
import { joinMessage, type JoinRequest, parseJoinRequest } from '../../src/wire/join-messages.ts'
import { subjects } from '../../src/wire/subjects.ts'
import { mediaFrame, partFrames, signFrame } from '../../src/wire/write-frame.ts'
import type { Bus, BusMessage } from '../../src/contract/bus.ts'
import { announcementMessage } from '../../src/directory/messages.ts'
import type { MemoryNode } from '../../src/memory/memory-node.ts'
import { framed as framedAs, headerFlags } from '../../src/origin/framed.ts'

/** Publishes what a test says, and loses it too; answers joins as told. */
export class TestOrigin {
  readonly requests: JoinRequest[] = []
  /** How it answers. */
  mode: 'inbox' | 'shared' | 'silent' | 'busy' = 'inbox'
  /** What those begin with who join. */
  beginning: readonly RtmpMessage[] = []
  /** Says nothing when it has nothing to say. */
  isQuiet = false
  /** Of the last message. */
  seq = 0
  headers = 0
  readonly #node: MemoryNode
  readonly #sid: string
  readonly #epoch: number
  readonly #unsubscribe: () => void

  constructor(node: MemoryNode, sid: string, epoch: number) {
    this.#node = node
    this.#sid = sid
    this.#epoch = epoch
    this.#unsubscribe = this.#bus.subscribe(subjects.joins(sid), message => this.#take(message))
    this.#tickLater()
  }

  /** Requests to join, without renewals. */
  get joins(): number {
    return this.requests.filter(({ renew, leave }) => !renew && !leave).length
  }

  announce(): void {
    this.#node.carrier.control.publish(
      subjects.epochs(this.#sid),
      announcementMessage({ epoch: this.#epoch, node: this.#node.name }),
    )
  }

  /** Sends messages as one frame. */
  send(...messages: readonly RtmpMessage[]): void {
    const head = this.#head(this.seq + 1)
    this.lose(...messages)
    this.#publish(mediaFrame({ ...head, headers: this.headers }, messages.map(framed)))
  }

  /** Sends a message in parts, without those. */
  sendParts(message: RtmpMessage, ...lost: readonly number[]): void {
    this.lose(message)
    const parts = partFrames(FrameKind.Fragment, this.#head(this.seq), [framed(message)])
    for (const [index, part] of [...parts].entries()) if (!lost.includes(index)) this.#publish(part)
  }

  /** Messages that get lost on their way. */
  lose(...messages: readonly RtmpMessage[]): void {
    this.seq += messages.length
    for (const message of messages) if ((framed(message).flags & headerFlags) !== 0) this.headers += 1
  }

  tick(): void {
    this.#publish(signFrame(FrameKind.Tick, this.#head(this.seq + 1)))
  }

  end(isCutOff = false): void {
    this.#publish(signFrame(FrameKind.End, this.#head(this.seq + 1, isCutOff ? FrameFlag.CutOff : 0)))
  }

  /** @param seq of the last message that it contains */
  shareSnapshot(seq: number = this.seq): void {
    for (const part of this.#snapshot(seq)) this.#bus.publish(subjects.snapshots(this.#sid, this.#epoch), part)
  }

  close(): void {
    this.isQuiet = true
    this.#unsubscribe()
  }

  get #bus(): Bus {
    return this.#node.carrier.media(this.#sid)
  }

  #tickLater(): void {
    this.#node.clock.after(500, () => {
      if (this.isQuiet) return
      this.tick()
      this.#tickLater()
    })
  }

  #take({ payload, reply }: BusMessage): void {
    const request = parseJoinRequest(payload)
    this.requests.push(request)
    if (this.mode === 'silent' || reply === undefined) return
    const { seq, headers, mode } = this
    if (mode === 'busy') return this.#bus.publish(reply, joinMessage({ retryAfter: 1_000 }))
    this.#bus.publish(reply, joinMessage({ epoch: this.#epoch, seq, headers, mode }))
    if (mode === 'inbox') for (const part of this.#snapshot(seq)) this.#bus.publish(reply, part)
  }

  #snapshot(seq: number): Iterable<Buffer> {
    return partFrames(FrameKind.Snapshot, this.#head(seq), this.beginning.map(framed))
  }

  #publish(frame: Buffer): void {
    this.#bus.publish(subjects.media(this.#sid, this.#epoch), frame)
  }

  #head(seq: number, flags = 0): FrameHead {
    return { flags, seq, sentAt: this.#node.clock.now(), headers: this.headers }
  }
}

export function framed(message: RtmpMessage): FramedMessage {
  return framedAs(message, mediaRole(message))
}
