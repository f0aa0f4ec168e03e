import { describe, expect, it } from 'vitest'
import { sampleStream, take, TestServer } from '../src/testing/index.ts'

describe('relay', () => {
  it('hands on what is published', async () => {
    await using server = new TestServer()
    const player = await server.play('live/a')
    const publisher = await server.publish('live/a')
    const sent = sampleStream(20)
    for (const message of sent) publisher.write(message)
    const got = await take(player, sent.length)
    expect(got.map(message => [message.messageTypeId, message.timestamp, message.payload.toString('hex')])).toEqual(
      sent.map(message => [message.messageTypeId, message.timestamp, message.payload.toString('hex')]),
    )
  })
})
