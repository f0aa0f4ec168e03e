import { MessageType, type RtmpMessage, UsageError } from '@rtmpipe/chunk-stream'
import type { Transform as NodeTransform } from 'node:stream'
import { Transform } from 'readable-stream'
import { checkOptions } from '../contract/check-options.ts'
import type { Awaitable } from '../contract/plugin.ts'
import { MediaRole, mediaRole } from '../protocol/media-role.ts'
import { type MediaKind, metadataWithout } from '../protocol/metadata-without.ts'

/** What {@link messageTransform} does beside calling the function. */
export interface MessageTransformOptions {
  /**
   * Takes one kind of media out: its messages, its sequence headers, and what the metadata say of it, so that no player
   * waits for it. The function is not asked about these messages, and is given the metadata as they are then. Default:
   * nothing.
   */
  readonly removes?: 'audio' | 'video'
}

type Mapped = RtmpMessage | readonly RtmpMessage[] | undefined | void

/** What becomes of a message: another one or the same, several, or none. */
export type MessageMap = (message: RtmpMessage) => Awaitable<RtmpMessage | readonly RtmpMessage[] | undefined | void>

/**
 * A Transform of messages for `bindPublish` and `bindPlay`, made of one function. Messages keep their order: each waits
 * for the answer to the one before. What the function throws, or rejects with, ends the stream or the play.
 *
 * Other players share the payloads: the function makes a new payload instead of writing into one.
 *
 * @example
 * ```ts
 * const delayed = messageTransform(message => ({ ...message, timestamp: message.timestamp + 40 }))
 * const silent = messageTransform(message => message, { removes: 'audio' })
 * ```
 *
 * @throws UsageError `RTMP_ERR_USAGE` for anything but a function, and for a kind of media that does not exist
 */
export function messageTransform(map: MessageMap, options: MessageTransformOptions = {}): NodeTransform {
  const { removes } = options
  checkOptions('messageTransform()', options, { removes: true } satisfies Record<keyof MessageTransformOptions, true>)
  if (typeof map !== 'function') throw new UsageError('RTMP_ERR_USAGE', 'messageTransform() needs a function')
  if (removes !== undefined && removes !== 'audio' && removes !== 'video')
    throw new UsageError('RTMP_ERR_USAGE', `removes: expected audio or video, got ${String(removes)}`)
  return new Transform({
    objectMode: true,
    transform(message: RtmpMessage, _encoding, done) {
      const rest = removes === undefined ? message : without(message, removes)
      if (rest === undefined) return done()
      const answer = map(rest)
      const put = (result: Mapped) => {
        if (Array.isArray(result)) for (const one of result as readonly RtmpMessage[]) this.push(one)
        else if (result !== undefined && result !== null) this.push(result)
        done()
      }
      if (!isThenable(answer)) return put(answer)
      answer.then(put, error => done(error instanceof Error ? error : new Error(String(error))))
    },
  }) as unknown as NodeTransform
}

/** What is left of a message when a kind of media is taken out of its stream. */
function without(message: RtmpMessage, kind: MediaKind): RtmpMessage | undefined {
  if (message.messageTypeId === (kind === 'audio' ? MessageType.Audio : MessageType.Video)) return undefined
  return mediaRole(message) === MediaRole.Metadata ? metadataWithout(message, kind) : message
}

function isThenable(answer: Awaitable<Mapped>): answer is Promise<Mapped> {
  return typeof (answer as Partial<PromiseLike<Mapped>> | null | undefined)?.then === 'function'
}
