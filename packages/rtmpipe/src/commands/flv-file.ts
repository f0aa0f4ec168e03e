import { type FileHandle, open } from 'node:fs/promises'
import { AmfError, EcmaArray, encodeAmf0 } from '@rtmpipe/amf'
import { MessageType, type RtmpMessage } from '@rtmpipe/chunk-stream'
import { FlvDemuxer, metadataOf } from '@rtmpipe/flv'
import { CliError } from '../serve/cli-error.ts'

/** Between the end of a file and its repetition, in milliseconds of the stream's time. */
const loopGap = 40
/** Bytes; small enough that progress moves. */
const readSize = 16 * 1024

/** An FLV file to be published. */
export class FlvFile implements AsyncDisposable {
  readonly path: string
  /** Bytes. */
  readonly size: number
  readonly #handle: FileHandle

  private constructor(path: string, handle: FileHandle, size: number) {
    this.path = path
    this.#handle = handle
    this.size = size
  }

  /** @throws CliError when it can't be read */
  static async open(path: string): Promise<FlvFile> {
    const handle = await open(path).catch((error: Error) => {
      throw new CliError(`can't read ${path}: ${error.message}`)
    })
    const stats = await handle.stat()
    if (stats.isFile()) return new FlvFile(path, handle, stats.size)
    await handle.close()
    throw new CliError(`can't read ${path}: it is not a file`)
  }

  /**
   * What the file holds; with `loop` again and again, in a time that goes on. `passed` is told how many bytes have been
   * taken.
   *
   * @throws CliError when that is nothing, or when it is not an FLV file
   */
  async *messages(loop: boolean, passed: (bytes: number) => void): AsyncGenerator<RtmpMessage> {
    let last = 0
    for (let start: number | undefined; ; start = last + loopGap) {
      let offset: number | undefined
      for await (const read of this.#read(passed)) {
        const message = withoutIndex(read)
        offset ??= start === undefined ? 0 : start - message.timestamp
        const timestamp = message.timestamp + offset
        last = Math.max(last, timestamp)
        yield { ...message, timestamp: timestamp >>> 0 }
      }
      if (offset === undefined) throw new CliError(`${this.path} holds nothing to publish`)
      if (!loop) return
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#handle.close()
  }

  async *#read(passed: (bytes: number) => void): AsyncGenerator<RtmpMessage> {
    const demuxer = new FlvDemuxer()
    for (let position = 0; ; ) {
      const { bytesRead, buffer } = await this.#handle.read({ buffer: Buffer.allocUnsafe(readSize), position })
      if (bytesRead === 0) return
      const messages: RtmpMessage[] = []
      try {
        demuxer.push(buffer.subarray(0, bytesRead), message => messages.push(message))
      } catch (error) {
        throw new CliError(`can't publish ${this.path}: ${(error as Error).message}`, { cause: error })
      }
      yield* messages
      position += bytesRead
      passed(bytesRead)
    }
  }
}

/** Positions of keyframes in the file mean nothing in a stream, and may be more than servers take as metadata. */
function withoutIndex(message: RtmpMessage): RtmpMessage {
  if (message.messageTypeId !== MessageType.DataAmf0) return message
  const { keyframes, ...others } = metadataOf(message.payload) ?? {}
  if (keyframes === undefined) return message
  try {
    return { ...message, payload: Buffer.from(encodeAmf0('onMetaData', new EcmaArray(others))) }
  } catch (error) {
    if (!(error instanceof AmfError)) throw error
    return message
  }
}
