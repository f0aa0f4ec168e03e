import type { RtmpMessage } from '@rtmpipe/chunk-stream'
import { type AudioTag, parseAudioTag, parseVideoTag, type VideoTag } from '@rtmpipe/flv'
import { aggregateParts } from './body/aggregate-parts.ts'
import { type Body, unreadable } from './body/body.ts'
import { readCommand, type ReadCommand } from './body/command-body.ts'
import { readControl } from './body/control-body.ts'
import { readData } from './body/data-body.ts'
import { audioBody, mediaFault, videoBody } from './body/media-body.ts'
import { messageKind } from './body/message-kind.ts'
import { readSharedObject } from './body/shared-object-body.ts'
import { AcknowledgementChecks } from './checks/acknowledgement-checks.ts'
import { CommandChecks } from './checks/command-checks.ts'
import { checkControl } from './checks/control-checks.ts'
import { checkMedia } from './checks/media-checks.ts'
import type { Complain } from './complain.ts'
import type { Names } from './names.ts'
import type { Sender } from './record.ts'

/** Reads the bodies of a connection's messages, and complains of those that do not fit what went before. */
export class MessageReader {
  readonly #names: Names
  readonly #carrier: 'chunks' | 'flows'
  #bothWays: boolean
  readonly #commands: CommandChecks
  readonly #acknowledgements = new AcknowledgementChecks()

  /**
   * @param bothWays whether both sides are read
   * @param carrier flows are not in order with each other, and have no chunk streams
   */
  constructor(names: Names, bothWays: boolean, carrier: 'chunks' | 'flows' = 'chunks') {
    this.#names = names
    this.#carrier = carrier
    this.#bothWays = bothWays
    this.#commands = new CommandChecks(bothWays)
  }

  /** Bytes that one side has sent. */
  sent(from: 'client' | 'server', count: number): void {
    this.#acknowledgements.sent(from, count)
  }

  /** One side can not be read, or not in time: the other is not measured by it. */
  loseSide(): void {
    this.#bothWays = false
    this.#commands.loseSide()
  }

  /** @returns the body, and who must have sent it where that was not known */
  read(
    from: Sender,
    message: RtmpMessage,
    chunkStreamId: number | undefined,
    complain: Complain,
  ): { readonly body: Body; readonly from: Sender } {
    const { group } = messageKind(message.messageTypeId)
    if (chunkStreamId !== undefined) checkControl(message, group, chunkStreamId, complain)
    if (this.#carrier === 'chunks' && this.#bothWays && from !== null)
      this.#acknowledgements.check(from, message, complain)
    if (group === 'command') return this.#command(from, message, complain)
    return { body: this.#body(from, message, complain), from }
  }

  #command(from: Sender, message: RtmpMessage, complain: Complain): { readonly body: Body; readonly from: Sender } {
    const { body, command } = readCommand(message, this.#names, complain)
    if (command === undefined) return { body, from }
    const sender = from ?? senderOf(command)
    this.#commands.check(sender, command, message.messageStreamId, complain)
    return { body, from: sender }
  }

  #body(from: Sender, message: RtmpMessage, complain: Complain): Body {
    const { group } = messageKind(message.messageTypeId)
    switch (group) {
      case 'control':
        return readControl(message, complain)
      case 'audio':
      case 'video':
        return this.#media(group, from, message, complain)
      case 'data':
        return this.#data(message, complain)
      case 'shared-object':
        return readSharedObject(message, this.#names, complain)
      case 'aggregate':
        return this.#aggregate(from, message, complain)
      default:
        complain('message-type', `message type ${message.messageTypeId} is unknown`)
        return unreadable
    }
  }

  #data(message: RtmpMessage, complain: Complain): Body {
    const body = readData(message, this.#names, complain)
    const [name] = Array.isArray(body.values) ? body.values : []
    if (message.messageStreamId === 0 && (name === '@setDataFrame' || name === 'onMetaData')) {
      complain('message-stream', `${name} on message stream 0, which is the connection`)
    }
    return body
  }

  #media(kind: 'audio' | 'video', from: Sender, message: RtmpMessage, complain: Complain): Body {
    const { payload, messageStreamId } = message
    const { tag, body } = kind === 'audio' ? readAudio(payload) : readVideo(payload)
    const fault = mediaFault(tag, body)
    if (fault !== undefined) complain('media-form', `unreadable ${kind}: ${fault}`)
    if (from === null) return body
    const state = this.#commands.stream(messageStreamId)[from]
    const once: Complain = (code, text) => {
      if (!state.told.has(code)) complain(code, text)
      state.told.add(code)
    }
    if (messageStreamId === 0) once('message-stream', `${kind} on message stream 0, which is the connection`)
    else if (
      this.#carrier === 'chunks' &&
      (from === 'client' || this.#bothWays) &&
      !this.#commands.maySendMedia(from, messageStreamId)
    ) {
      const what = from === 'client' ? 'published' : 'played'
      once('media-early', `${kind} on message stream ${messageStreamId}, which is not ${what}`)
    }
    checkMedia(kind, tag, typeof body.codec === 'string' ? body.codec : '', message, state, complain)
    return body
  }

  #aggregate(from: Sender, message: RtmpMessage, complain: Complain): Body {
    return {
      parts: aggregateParts(message, complain).map(part => {
        const { type, group } = messageKind(part.messageTypeId)
        const body = group === 'command' ? this.#command(from, part, complain).body : this.#body(from, part, complain)
        return { type, timestamp: part.timestamp, length: part.payload.length, body }
      }),
    }
  }
}

function readAudio(payload: Buffer): { readonly tag: AudioTag; readonly body: Body } {
  const tag = parseAudioTag(payload)
  return { tag, body: audioBody(tag) }
}

function readVideo(payload: Buffer): { readonly tag: VideoTag; readonly body: Body } {
  const tag = parseVideoTag(payload)
  return { tag, body: videoBody(tag) }
}

/** Whose first command that is. */
function senderOf({ name }: ReadCommand): 'client' | 'server' {
  return /^(_result|_error|_?on[A-Zb].*|close)$/.test(name) ? 'server' : 'client'
}
