import { once } from 'node:events'
import { connect } from 'node:net'
import type { TransformCallback } from 'node:stream'
import { ChunkDemuxer, MessageType, parseUserControl, type RtmpMessage } from '@rtmpipe/chunk-stream'
import { pipeline, Transform } from 'readable-stream'
import { StreamLostError } from '../errors.ts'
import { requestOf } from './stream-protocol.ts'

/** The longest message there is: who sent it to us has applied the limits. */
const maxMessageLength = 0xffffff
const limits = { maxMessageLength, maxPartialBytes: 4 * maxMessageLength }

/**
 * A Transform from the bytes of a {@link StreamServer} to the messages of a stream. Emits `begin` when the other worker
 * has the stream; fails with StreamLostError when the bytes end before the publish has.
 */
export class JoinedMessages extends Transform {
  readonly #demuxer = new ChunkDemuxer(limits)
  readonly #take = (message: RtmpMessage): void => this.#handle(message)
  #isMarked = false
  #hasEnded = false

  constructor() {
    super({ readableObjectMode: true })
  }

  override _transform(bytes: Buffer, _encoding: string, done: TransformCallback): void {
    try {
      this.#demuxer.push(bytes, this.#take)
    } catch (error) {
      return done(error as Error)
    }
    done()
  }

  override _flush(done: TransformCallback): void {
    done(this.#hasEnded ? null : new StreamLostError('the publishing worker is gone, or cut us off'))
  }

  #handle(message: RtmpMessage): void {
    if (message.messageTypeId === MessageType.SetChunkSize) this.emit('begin')
    else if (message.messageTypeId !== MessageType.UserControl) this.#push(message)
    else if (parseUserControl(message.payload)?.type === 'StreamEof') this.#hasEnded = true
    else this.#isMarked = true
  }

  #push(message: RtmpMessage): void {
    this.push(this.#isMarked ? { ...message, discontinuity: true } : message)
    this.#isMarked = false
  }
}

/**
 * Resolves when another worker has begun to send the stream of that epoch.
 *
 * @throws StreamLostError when it does not have it, the system's error when there is no worker, AbortError
 */
export async function joinMessages(path: string, epoch: number, signal: AbortSignal): Promise<JoinedMessages> {
  const socket = connect(path)
  const messages = new JoinedMessages()
  pipeline(socket, messages, () => socket.destroy())
  socket.write(requestOf(epoch))
  try {
    await once(messages, 'begin', { signal })
    return messages
  } catch (error) {
    messages.destroy()
    throw error
  }
}
