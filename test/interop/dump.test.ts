import { createServer, tcp } from 'rtmpipe'
import { describe, expect, test } from 'vitest'
import { publishWithFfmpeg, playWithFfmpeg } from '../support/clients.ts'
import { liveRecipe, makeMedia } from '../support/media.ts'
import { requireClient } from '../support/programs.ts'
import { run } from '../support/running-program.ts'
import { command } from '../support/server-process.ts'
import { TemporaryFolder } from '../support/temporary-folder.ts'
import { Capture, dissect, requireTshark } from '../support/tshark.ts'
import { words } from '../support/words.ts'

interface Line {
  readonly kind: string
  readonly connection: number
  readonly from: 'client' | 'server'
  readonly messageTypeId: number
  readonly length: number
  readonly inside: unknown
}

describe('rtmpipe dump', () => {
  test.for(['pcap', 'pcapng'] as const)('reads a %s file as tshark does', async (format, context) => {
    await requireTshark(context)
    await requireClient(context, 'ffmpeg')
    const media = await makeMedia(liveRecipe)
    await using folder = await TemporaryFolder.create()
    await using server = createServer({ transports: [tcp({ port: 0 })] })
    const [listener] = await server.listen()
    const port = listener?.address.port ?? 0
    const url = `rtmp://127.0.0.1:${port}/live/captured`
    await using capture = await Capture.start(folder.file(`capture.${format}`), port, format)
    await using player = playWithFfmpeg('ffmpeg', url)
    await player.playing()
    await using publisher = publishWithFfmpeg('ffmpeg', media.file, url)
    await publisher.finish()
    await player.finish()
    await capture.finish(2)

    // Exit code 0: no complaint.
    const { stdout } = await run(process.execPath, words`${command} dump --json ${capture.file}`)
    const lines = stdout.map(line => JSON.parse(line) as Line)
    expect(lines.filter(({ kind }) => kind === 'connection')).toHaveLength(2)
    expect(lines.filter(({ kind }) => kind === 'handshake')).toHaveLength(4)
    expect(lines.filter(({ kind }) => kind === 'end').map(({ inside }) => inside)).toEqual([null, null, null, null])
    const dissected = await dissect(capture.file, port)
    for (const connection of [1, 2]) {
      for (const from of ['client', 'server'] as const) {
        const ours = lines.filter(it => it.kind === 'message' && it.connection === connection && it.from === from)
        const theirs = dissected.filter(it => it[0] === connection - 1 && (it[1] === port) === (from === 'server'))
        expect(ours.length).toBeGreaterThan(3)
        expect(ours.map(({ messageTypeId, length }) => [messageTypeId, length])).toEqual(
          theirs.map(([, , typeId, length]) => [typeId, length]),
        )
      }
    }
  })
})
