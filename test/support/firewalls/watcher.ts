import { createWriteStream } from 'node:fs'
import { pipeline } from 'node:stream/promises'
import { FlvMuxStage } from '@rtmpipe/flv'
import { connect } from 'rtmpipe'
import { packetsOf } from '../packets.ts'
import type { PacketList } from '../packets.ts'
import { TemporaryFolder } from '../temporary-folder.ts'

type Client = Awaited<ReturnType<typeof connect>>

/** Plays a stream in this process, over RTMP: what a publisher has got to the server. */
export class Watcher implements AsyncDisposable {
  /** Resolves when the stream has ended. */
  readonly ended: Promise<void>
  readonly #folder: TemporaryFolder
  readonly #client: Client
  readonly #stop: () => void

  private constructor(folder: TemporaryFolder, client: Client, ended: Promise<void>, stop: () => void) {
    this.#folder = folder
    this.#client = client
    this.ended = ended
    this.#stop = stop
  }

  /** Resolves when the server knows of it. */
  static async start(appUrl: string, name: string): Promise<Watcher> {
    const folder = await TemporaryFolder.create()
    const client = await connect(appUrl)
    const stream = await client.play(name)
    const ended = pipeline(stream, new FlvMuxStage(), createWriteStream(folder.file('seen.flv')))
    ended.catch(() => {})
    return new Watcher(folder, client, ended, () => stream.finish())
  }

  /** What it has seen; an error when that is nothing. */
  async finish(): Promise<PacketList> {
    this.#stop()
    await this.ended
    return await packetsOf(this.#folder.file('seen.flv'))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#client.close()
    await this.#folder[Symbol.asyncDispose]()
  }
}
