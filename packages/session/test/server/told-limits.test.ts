import { encodeAmf0 } from '@rtmpipe/amf'
import { MessageType } from '@rtmpipe/chunk-stream'
import { samples, TestServer } from '@rtmpipe/testing'
import { once } from 'node:events'
import { describe, expect, it } from 'vitest'
import type { EndReason, Plugin } from '../../src/contract/plugin.ts'
import { ByteServer } from '../support/byte-server.ts'
import { RecordingLog } from '../support/recording-log.ts'

const long = 'x'.repeat(70_000)

/** Why connections and publishes have ended. */
function ends(): { plugin: Plugin; told: unknown[] } {
  const told: unknown[] = []
  const tell = (_info: unknown, { error }: EndReason) => void told.push((error as { code?: unknown } | undefined)?.code)
  return {
    plugin: {
      name: 'ends',
      onPublishEnd: tell,
      onDisconnect: ({ error }) => tell(0, { ...(error && { error }) }),
    },
    told,
  }
}

describe('a client that crosses a limit hears why, and not only that the connection is closed', () => {
  it('by the call that is one too many; the answers to those before come', async () => {
    await using server = new TestServer({
      plugins: [{ name: 'echo', onCall: ({ args }) => args[0] }],
      limits: { maxCommandsPerMinute: 4 },
    })
    const client = await server.connect('live')
    const answers = await Promise.allSettled([1, 2, 3, 4, 5].map(number => client.call('echo', number)))
    expect(answers.slice(0, 3).map(answer => answer.status === 'fulfilled' && answer.value)).toEqual([1, 2, 3])
    expect(answers.slice(3)).toMatchObject([
      {
        reason: { statusCode: 'NetConnection.Call.Failed', description: 'more than 4 in 60 s (RTMP_ERR_COMMAND_RATE)' },
      },
      { reason: { statusCode: 'NetConnection.Connect.Rejected', description: expect.stringContaining('more than 4') } },
    ])
    await expect(client.call('echo', 6)).rejects.toThrow('more than 4')
  })

  it('by the play that is one too many', async () => {
    await using server = new TestServer({ limits: { maxCommandsPerMinute: 2 } })
    const client = await server.connect('live')
    await expect(client.play('name')).rejects.toMatchObject({
      statusCode: 'NetStream.Failed',
      description: expect.stringContaining('RTMP_ERR_COMMAND_RATE'),
    })
  })

  it.each([0, 3] as const)('by a call that is too long, in AMF%i', async objectEncoding => {
    await using server = new TestServer()
    const client = await server.connect('live', { objectEncoding })
    await expect(client.call('method', long)).rejects.toMatchObject({
      statusCode: 'NetConnection.Call.Failed',
      description: expect.stringContaining('more than 65536 (RTMP_ERR_COMMAND_LENGTH)'),
    })
  })

  it('by a call with too many arguments', async () => {
    await using server = new TestServer()
    const client = await server.connect('live')
    await expect(client.call('method', ...Array.from({ length: 65 }, () => 1))).rejects.toThrow('more than 64')
  })

  it('by what it publishes, and by its shared object', async () => {
    const { plugin, told } = ends()
    const log = new RecordingLog()
    await using server = new TestServer({ plugins: [plugin], log })
    const client = await server.connect('live')
    const chat = await client.sharedObject('chat')
    const publisher = await client.publish('name')
    const failures = Promise.all([once(publisher, 'error'), once(chat, 'close')])
    publisher.write({ ...samples.metadata(), payload: encodeAmf0('onTextData', 'x'.repeat(300_000)) })
    expect(await failures).toMatchObject([
      [{ statusCode: 'NetStream.Failed', description: expect.stringContaining('RTMP_ERR_DATA_LENGTH') }],
      [{ statusCode: 'NetConnection.Connect.Rejected' }],
    ])
    await expect.poll(() => told, { interval: 1 }).toEqual(['RTMP_ERR_DATA_LENGTH', 'RTMP_ERR_DATA_LENGTH'])
    expect(log.at('warn')).toMatchObject([{ code: 'RTMP_ERR_DATA_LENGTH' }])
    expect([...(server.server.traffic.get('memory')?.closed ?? [])]).toEqual([['RTMP_ERR_DATA_LENGTH', 1]])
  })

  it('by its messages to a shared object', async () => {
    await using server = new TestServer({ sharedObjects: { limits: { maxMessagesPerSecond: 3 } } })
    const client = await server.connect('live')
    const chat = await client.sharedObject('chat')
    const waiting = client.call('nothing').catch((error: unknown) => error)
    const failed = once(chat, 'close')
    for (let count = 0; count < 4; count += 1) chat.send('say', count)
    expect(await failed).toMatchObject([{ description: expect.stringContaining('RTMP_ERR_SHARED_OBJECT_RATE') }])
    await waiting
    await expect(client.call('nothing')).rejects.toThrow('RTMP_ERR_SHARED_OBJECT_RATE')
  })
})

it('what it goes on sending after that is not looked at, and it is gone within the linger time', async () => {
  await using server = await ByteServer.listening({ limits: { maxCommandsPerMinute: 2, lingerTimeout: 20 } })
  const peer = await (await server.peer()).connect()
  for (let id = 2; id < 50; id += 1) peer.command(0, 'method', id, null)
  peer.send({ messageTypeId: MessageType.CommandAmf0, messageStreamId: 0, timestamp: 0, payload: Buffer.of(2, 0, 9) })
  await expect.poll(() => server.server.connections.size, { interval: 1 }).toBe(0)
  expect(server.log.at('warn')).toMatchObject([{ code: 'RTMP_ERR_COMMAND_RATE' }])
  expect(server.log.lines.at(-1)).toMatchObject({
    level: 'info',
    message: 'disconnected',
    code: 'RTMP_ERR_COMMAND_RATE',
  })
})
