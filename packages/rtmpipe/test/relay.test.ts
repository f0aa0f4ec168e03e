import { once } from 'node:events'
import { samples, sampleStream, take } from '@rtmpipe/testing'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { connect, type PlayStream, type RtmpMessage } from '../src/index.ts'
import { AllSchemes, schemes } from './support/all-schemes.ts'
import { essence } from './support/messages.ts'

let server: AllSchemes
beforeAll(async () => {
  server = await AllSchemes.listen()
})
afterAll(() => server[Symbol.asyncDispose]())

describe.each(schemes)('over %s', scheme => {
  const dial = () => connect(server.urls[scheme], { ca: server.ca })

  it('a player gets what is published, and one who comes late begins at a keyframe with the headers', async () => {
    await using publishing = await dial()
    await using playing = await dial()
    const player = await playing.play('relayed')
    const publisher = await publishing.publish('relayed')
    const sent = sampleStream(25, 10)
    for (const message of sent) publisher.write(message)
    expect(essence(await take(player, sent.length))).toEqual(essence(sent))

    await using late = await dial()
    const latePlayer = await late.play('relayed')
    const keyframe = 20 * 40
    const headers = [samples.metadata(), samples.audioHeader(keyframe), samples.videoHeader(keyframe)]
    const group = sent.filter(({ timestamp }) => timestamp >= keyframe)
    const expected = [...headers, ...group]
    expect(essence(await take(latePlayer, expected.length))).toEqual(essence(expected))

    const next = samples.interframe(25 * 40)
    publisher.write(next)
    for (const stream of [player, latePlayer]) expect(essence(await take(stream, 1))).toEqual(essence([next]))
  })

  it('several NetStreams share a connection', async () => {
    await using one = await dial()
    await using other = await dial()
    const toOther = await other.play('from-one')
    const toOne = await one.play('from-other')
    const again = await one.play('from-other')
    const fromOne = await one.publish('from-one')
    const fromOther = await other.publish('from-other')
    const sent = { one: sampleStream(10), other: sampleStream(15).map(later) }
    sent.one.forEach((message, index) => {
      fromOne.write(message)
      fromOther.write(sent.other[index])
    })
    for (const message of sent.other.slice(sent.one.length)) fromOther.write(message)
    expect(essence(await take(toOther, sent.one.length))).toEqual(essence(sent.one))
    for (const player of [toOne, again]) {
      expect(essence(await take(player, sent.other.length))).toEqual(essence(sent.other))
    }
  })

  it('a player is told that the publisher has left; who follows gets the next one, in a time that goes on', async () => {
    await using playing = await dial()
    await using publishing = await dial()
    const leaving = await playing.play('returning')
    const staying = await playing.play('returning', { follow: true })
    const sent = sampleStream(5)

    const first = await publishing.publish('returning')
    for (const message of sent) first.write(message)
    const before = await take(staying, sent.length)
    first.end()
    await ended(leaving)

    const second = await publishing.publish('returning')
    for (const message of sent) second.write(message)
    const after = await take(staying, sent.length)
    expect(payloads(after)).toEqual(payloads(sent))
    const gap = timeOf(after[0]) - timeOf(before.at(-1))
    expect(gap).toBeGreaterThan(0)
    expect(gap).toBeLessThan(1000)
    const spacing = (messages: readonly RtmpMessage[]) => messages.map(message => timeOf(message) - timeOf(messages[0]))
    expect(spacing(after)).toEqual(spacing(sent))
  })
})

it('publishers and players of any scheme meet', async () => {
  const clients = await Promise.all(schemes.map(scheme => connect(server.urls[scheme], { ca: server.ca })))
  for (const [index, publishing] of clients.entries()) {
    const players = await Promise.all(clients.map(client => client.play(`from-${schemes[index]}`)))
    const publisher = await publishing.publish(`from-${schemes[index]}`)
    const sent = sampleStream(3 + index)
    for (const message of sent) publisher.write(message)
    for (const player of players) expect(essence(await take(player, sent.length))).toEqual(essence(sent))
  }
  await Promise.all(clients.map(client => client.close()))
})

function later(message: RtmpMessage): RtmpMessage {
  return { ...message, timestamp: message.timestamp + 7 }
}

function payloads(messages: readonly RtmpMessage[]): string[] {
  return messages.map(({ messageTypeId, payload }) => `${messageTypeId} ${payload.toString('base64')}`)
}

function timeOf(message: RtmpMessage | undefined): number {
  return message?.timestamp ?? Number.NaN
}

async function ended(stream: PlayStream): Promise<void> {
  stream.resume()
  await once(stream, 'end')
}
