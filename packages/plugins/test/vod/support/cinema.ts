import { TestServer } from '@rtmpipe/testing'
import type { PlayOptions, PlayStream, RtmpMessage } from '@rtmpipe/session'
import { vod, type VodOptions } from '@rtmpipe/plugins/vod'
import { TemporaryFolder } from '../../../../../test/support/temporary-folder.ts'
import { mkdir, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'

/** A server with a folder of files that it plays. */
export class Cinema implements AsyncDisposable {
  readonly folder: TemporaryFolder
  readonly server: TestServer

  private constructor(folder: TemporaryFolder, options: Partial<VodOptions>) {
    this.folder = folder
    this.server = new TestServer({ plugins: [vod({ dir: folder.path, ...options })] })
  }

  static async open(files: Readonly<Record<string, Buffer>>, options: Partial<VodOptions> = {}): Promise<Cinema> {
    const folder = await TemporaryFolder.create()
    for (const [name, bytes] of Object.entries(files)) {
      await mkdir(dirname(folder.file(name)), { recursive: true })
      await writeFile(folder.file(name), bytes)
    }
    return new Cinema(folder, options)
  }

  play(path: string, options: PlayOptions = {}): Promise<PlayStream> {
    return this.server.play(path, { bufferLength: 3_600_000, ...options })
  }

  /** All that comes of a play, from the beginning to the end that the server tells. */
  async playAll(path: string, options: PlayOptions = {}): Promise<RtmpMessage[]> {
    return all(await this.play(path, options))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.server[Symbol.asyncDispose]()
    await this.folder[Symbol.asyncDispose]()
  }
}

export async function all(player: PlayStream): Promise<RtmpMessage[]> {
  const messages: RtmpMessage[] = []
  for await (const message of player) messages.push(message as RtmpMessage)
  return messages
}

/** Type, time and body, in short. */
export function essence(
  messages: readonly { type?: number; messageTypeId?: number; timestamp: number; body?: Buffer; payload?: Buffer }[],
): string[] {
  return messages.map(message => {
    const bytes = message.payload ?? message.body ?? Buffer.alloc(0)
    return `${message.messageTypeId ?? message.type} ${message.timestamp} ${bytes.length} ${bytes.toString('hex', 0, 12)}`
  })
}
