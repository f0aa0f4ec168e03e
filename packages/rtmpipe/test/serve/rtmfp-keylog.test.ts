import { chmod, mkdir, readFile, stat, writeFile } from 'node:fs/promises'
import { sampleStream, take } from '@rtmpipe/testing'
import { describe, expect, it } from 'vitest'
import { TemporaryFolder } from '../../../../test/support/temporary-folder.ts'
import { UdpTap } from '../../../../test/support/udp-tap.ts'
import { words } from '../../../../test/support/words.ts'
import { connect, type RtmpMessage } from '../../src/index.ts'
import { failureHere, failureOf, rtmpipe } from '../support/command.ts'

const allOff = words`--rtmp off --rtmps off --rtmpt off --rtmpts off`

interface Line {
  readonly kind: string
  readonly connection: number
  readonly from: string
  readonly messageTypeId: number
  readonly timestamp: number
  readonly length: number
  readonly opened: boolean
  readonly body?: { readonly name?: string; readonly repeated?: boolean }
}

const mediaTypes = new Set([8, 9])
const essenceOf = (messages: readonly RtmpMessage[], typeId: number) =>
  messages
    .filter(({ messageTypeId }) => messageTypeId === typeId)
    .map(({ timestamp, payload }) => [timestamp, payload.length])

describe('rtmpipe serve --rtmfp-keylog', () => {
  it('writes the keys with which rtmpipe dump reads a capture: every message of the stream', async () => {
    await using folder = await TemporaryFolder.create()
    const [keys, file] = [folder.file('rtmfp.keys'), folder.file('capture.pcap')]
    await writeFile(keys, '\n')
    await chmod(keys, 0o644)
    await using server = rtmpipe(...words`serve ${allOff} --rtmfp 0 --rtmfp-keylog ${keys} --data ${folder.path}`)
    const [, port] = await server.waitForLine(/^rtmpipe listening on rtmfp:\/\/127\.0\.0\.1:(\d+)$/)
    await using tap = await UdpTap.start(Number(port))
    const sent = sampleStream(30, 10)
    {
      await using playing = await connect(`rtmfp://127.0.0.1:${tap.port}/live`)
      await using publishing = await connect(`rtmfp://127.0.0.1:${tap.port}/live`)
      const player = await playing.play('captured')
      const publisher = await publishing.publish('captured')
      // What is published is sent again until it has come.
      tap.lose(4)
      for (const message of sent) publisher.write(message)
      await take(player, sent.length)
    }
    server.kill()
    const { stderr: log } = await server.finish(0)
    await writeFile(file, tap.pcap)

    // For nobody else, whatever it was before, and behind what was there.
    expect((await stat(keys)).mode & 0o777).toBe(0o600)
    const text = await readFile(keys, 'utf8')
    expect(text.startsWith('\n')).toBe(true)
    expect(text.trim().split('\n')).toHaveLength(2)
    const warnings = log.filter(line => line.includes('"level":40') && line.includes('whoever has it can read'))
    expect(warnings).toHaveLength(1)
    const secrets = [...text.matchAll(/"(?:aes|hmac)":"([0-9a-f]+)"/g)].map(([, secret = '']) => secret)
    expect(secrets).toHaveLength(8)
    expect(log.filter(line => secrets.some(secret => line.includes(secret)))).toEqual([])

    await using dump = rtmpipe(...words`dump --json --show-names --rtmfp-keys ${keys} ${file}`)
    const { stdout } = await dump.finish(0)
    const lines = stdout.map(line => JSON.parse(line) as Line)
    const packets = lines.filter(({ kind }) => kind === 'packet')
    expect(packets).toHaveLength(tap.count)
    expect(packets.filter(({ opened }) => !opened)).toEqual([])
    expect(lines.filter(({ kind }) => kind === 'gap')).toEqual([])
    expect(lines.some(({ body }) => body?.repeated === true)).toBe(true)
    const messages = lines.filter(({ kind }) => kind === 'message')
    const commands = (connection: number) =>
      messages
        .filter(it => it.connection === connection && it.from === 'client')
        .flatMap(({ body }) => body?.name ?? [])
    expect(commands(1)).toEqual(expect.arrayContaining(['connect', 'createStream', 'play']))
    expect(commands(2)).toEqual(expect.arrayContaining(['connect', 'createStream', 'publish']))
    for (const typeId of mediaTypes) {
      for (const [connection, from] of [
        [1, 'server'],
        [2, 'client'],
      ]) {
        const told = messages.filter(
          it => it.connection === connection && it.from === from && it.messageTypeId === typeId,
        )
        expect(told.map(({ timestamp, length }) => [timestamp, length])).toEqual(essenceOf(sent, typeId))
      }
    }
  })

  it('is a file that can be written, and for RTMFP', async () => {
    await using folder = await TemporaryFolder.create()
    await mkdir(folder.file('folder'))
    expect(
      await failureOf(
        2,
        ...words`serve ${allOff} --rtmfp 0 --rtmfp-keylog ${folder.file('folder')} --data ${folder.path}`,
      ),
    ).toMatch(/^rtmpipe: --rtmfp-keylog .*folder: it can't be written: EISDIR/)
    expect(await failureHere(2, 'serve', '--rtmfp-keylog', folder.file('keys'))).toMatch(
      /--rtmfp-keylog: it is for rtmfp, which is off$/,
    )
    await writeFile(folder.file('keys'), '{"aes":"00"}\n')
    expect(await failureHere(2, 'dump', '--rtmfp-keys', folder.file('keys'), folder.file('keys'))).toMatch(
      /^rtmpipe: --rtmfp-keys .*keys: line 1 is not of an RTMFP key log: initiator is not an object$/,
    )
    expect(await failureHere(2, 'dump', '--rtmfp-keys', folder.file('none'), folder.file('keys'))).toMatch(
      /^rtmpipe: can't read .*none: ENOENT/,
    )
  })
})
