import { sampleStream, send, take, TestServer } from '@rtmpipe/testing'
import { expect, it } from 'vitest'
import { streamKeys } from './stream-keys.ts'

it('lets in who knows a key', async () => {
  await using server = new TestServer({ plugins: [streamKeys(['sesame'])] })
  const player = await server.play('live/show')
  const publisher = await server.publish('live/show?key=sesame')
  await send(publisher, sampleStream(20))
  expect(await take(player, 20)).toHaveLength(20)
})

it.each(['live/show', 'live/show?key=simsim'])('refuses %s', async path => {
  await using server = new TestServer({ plugins: [streamKeys(['sesame'])] })
  await expect(server.publish(path)).rejects.toThrow('wrong key')
})
