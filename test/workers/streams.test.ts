import { createHash } from 'node:crypto'
import { connect, type PublishStream, type RtmpMessage, type StatusError } from 'rtmpipe'
import { samples, sampleStream, take } from '@rtmpipe/testing'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { playWithFfmpeg } from '../support/clients.ts'
import { makeMedia, tinyRecipe } from '../support/media.ts'
import { requireClient } from '../support/programs.ts'
import { expectRelayed } from '../support/relayed.ts'
import { run } from '../support/running-program.ts'
import { command } from '../support/server-process.ts'
import { WorkerServer } from './support/worker-server.ts'

const slots = [0, 1, 2]
/** Sent first and in the order in which late players get them: who has them is there for the rest. */
const headers = [samples.metadata(), samples.audioHeader(), samples.videoHeader()]
const media = sampleStream(100).slice(3)

let server: WorkerServer
beforeAll(async () => void (server = await WorkerServer.start(slots.length)))
afterAll(() => server?.[Symbol.asyncDispose]())

describe('three workers', () => {
  test('give players of all of them the same packets, bit for bit', async () => {
    const players = await Promise.all([...slots, ...slots].map(slot => server.playOn(slot, 'spread')))
    const publisher = await (await server.clientOn(1)).publish('spread')
    write(publisher, headers)
    for (const player of players) expect(essence(await take(player, 3))).toEqual(essence(headers))
    write(publisher, media)
    for (const player of players) expect(essence(await take(player, media.length))).toEqual(essence(media))
    const late = await Promise.all(slots.map(slot => server.playOn(slot, 'spread')))
    const lastGop = media.slice(-20)
    for (const player of late) expect(essence(await take(player, 23)).slice(3)).toEqual(essence(lastGop))
  })

  test('give the name of a publisher that has fallen silent to who asks for it at another of them', async () => {
    const silent = await server.publishOn(1, 'silent')
    const asks = async () => {
      const client = await server.clientOn(2)
      return client.publish('silent').then(
        publisher => publisher,
        async (error: StatusError) => {
          await client.close()
          return error.statusCode
        },
      )
    }
    expect(await asks()).toBe('NetStream.Publish.BadName')
    await expect.poll(asks, { interval: 500, timeout: 15_000 }).toMatchObject({ streamName: 'silent' })
    await expect.poll(() => silent.destroyed, { interval: 10 }).toBe(true)
  })

  test('serve real clients, wherever they come out', async context => {
    await requireClient(context, 'ffmpeg')
    const source = await makeMedia(tinyRecipe)
    const url = `${server.process.urls.rtmp}/live/real`
    const players = [...slots, ...slots].map(() => playWithFfmpeg('ffmpeg', url))
    await Promise.all(players.map(player => player.playing()))
    await run(process.execPath, [command, 'publish', source.file, url])
    for (const player of players) {
      expectRelayed(await player.finish(), source, { fromStart: false })
      await player[Symbol.asyncDispose]()
    }
  })

  test('refuse a name that another worker has, until it is given back', async () => {
    const [one, two] = [await server.clientOn(0), await server.clientOn(1)]
    const first = await one.publish('taken')
    const refused = (await two.publish('taken').catch((error: unknown) => error)) as StatusError
    expect(refused.statusCode).toBe('NetStream.Publish.BadName')
    first.end()
    await server.process.program.waitForLine(/"stream":"taken".*"publish ended"/)
    await (await server.clientOn(2)).publish('taken')
  })

  test.each(slots)('serve tunnels by one of them, which see and are seen by worker %i', async slot => {
    const tunnel = await connect(`${server.process.urls.rtmpt}/live`)
    const [there, back] = [`to-tunnel-${slot}`, `from-tunnel-${slot}`]
    const players = [await tunnel.play(there), await server.playOn(slot, back)]
    const publishers = [await (await server.clientOn(slot)).publish(there), await tunnel.publish(back)]
    for (const part of [headers, media]) {
      for (const publisher of publishers) write(publisher, part)
      for (const player of players) expect(essence(await take(player, part.length))).toEqual(essence(part))
    }
    await tunnel.close()
  })
})

function write(publisher: PublishStream, messages: readonly RtmpMessage[]): void {
  for (const message of messages) publisher.write(message)
}

function essence(messages: readonly RtmpMessage[]): string[] {
  return messages.map(({ messageTypeId, timestamp, payload }) => {
    return `${messageTypeId} @${timestamp} ${createHash('md5').update(payload).digest('hex')}`
  })
}
