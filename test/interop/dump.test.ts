import { createSocket } from 'node:dgram'
import { writeFile } from 'node:fs/promises'
import { sampleStream, take } from '@rtmpipe/testing'
import { connect, createServer, keyLogLine, rtmfp, tcp } from 'rtmpipe'
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
  readonly opened: boolean
  readonly timestamp: number
  readonly body?: { readonly name?: unknown }
}

describe.concurrent('rtmpipe dump', () => {
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

  test('reads RTMFP from a capture of tshark, with the keys that clients and servers tell', async context => {
    await requireTshark(context)
    await using folder = await TemporaryFolder.create()
    const lines: string[] = []
    await using server = createServer({ transports: [rtmfp({ port: 0 })], mergeWindow: 0 })
    const [listener] = await server.listen()
    const port = listener?.address.port ?? 0
    await using capture = await Capture.start(folder.file('capture.pcapng'), port, 'pcapng', 'udp')
    const sent = sampleStream(40, 10)
    {
      const url = `rtmfp://127.0.0.1:${port}/live`
      const transports = [rtmfp({ onKeys: keys => lines.push(keyLogLine(keys)) })]
      await using playing = await connect(url, { transports })
      await using publishing = await connect(url, { transports })
      const player = await playing.play('captured')
      const publisher = await publishing.publish('captured')
      for (const message of sent) publisher.write(message)
      await take(player, sent.length)
    }
    await server.close()
    const last = createSocket('udp4')
    last.send(Buffer.alloc(7), port, '127.0.0.1', () => last.close())
    await capture.finishWith(7)
    const keys = folder.file('rtmfp.keys')
    await writeFile(keys, lines.join(''))

    // Exit code 0: no complaint.
    const { stdout } = await run(process.execPath, words`${command} dump --json --rtmfp-keys ${keys} ${capture.file}`)
    const told = stdout.map(line => JSON.parse(line) as Line)
    const packets = told.filter(({ kind }) => kind === 'packet')
    expect(packets.length).toBeGreaterThan(20)
    expect(packets.filter(({ opened }) => !opened)).toEqual([])
    for (const typeId of [8, 9]) {
      const expected = sent
        .filter(({ messageTypeId }) => messageTypeId === typeId)
        .map(({ timestamp, payload }) => [timestamp, payload.length])
      for (const [connection, from] of [
        [1, 'server'],
        [2, 'client'],
      ]) {
        const ours = told.filter(
          it =>
            it.kind === 'message' && it.connection === connection && it.from === from && it.messageTypeId === typeId,
        )
        expect(ours.map(({ timestamp, length }) => [timestamp, length])).toEqual(expected)
      }
    }
  })
})
