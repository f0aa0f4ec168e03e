import { MessageType, type RtmpMessage } from '@rtmpipe/chunk-stream'

/** Media whose time is when it was written, so that who gets it knows how old it is. */
export class Pictures {
  readonly #keyframe: Buffer
  readonly #interframe: Buffer
  readonly #audio: Buffer = filled('af01', 20)

  /** @param length bytes of a picture; of a keyframe twice that */
  constructor(length: number) {
    this.#keyframe = filled('1701000000', 2 * length)
    this.#interframe = filled('2701000000', length)
  }

  header(): RtmpMessage {
    return message(MessageType.Video, 0, headerBytes)
  }

  keyframe(timestamp: number): RtmpMessage {
    return message(MessageType.Video, timestamp, this.#keyframe)
  }

  interframe(timestamp: number): RtmpMessage {
    return message(MessageType.Video, timestamp, this.#interframe)
  }

  audio(timestamp: number): RtmpMessage {
    return message(MessageType.Audio, timestamp, this.#audio)
  }
}

/** Whether it is sound or a picture, not what configures a decoder. */
export function isFrame({ messageTypeId, payload }: RtmpMessage): boolean {
  return (messageTypeId === MessageType.Video || messageTypeId === MessageType.Audio) && payload[1] !== 0
}

const headerBytes = filled('17000000000142c00dffe0', 24)

function message(messageTypeId: number, timestamp: number, payload: Buffer): RtmpMessage {
  return { messageTypeId, messageStreamId: 0, timestamp, payload }
}

function filled(start: string, length: number): Buffer {
  const payload = Buffer.alloc(Math.max(length, start.length / 2))
  payload.write(start, 'hex')
  return payload
}
