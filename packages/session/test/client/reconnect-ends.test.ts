import { once } from 'node:events'
import { describe, expect, it } from 'vitest'
import { RtmpClient } from '../../src/client/rtmp-client.ts'
import type { MessageConnection } from '../../src/contract/message-connection.ts'
import { messagePair, samples, settled, take, VirtualClock } from '@rtmpipe/testing'
import { Hosts, request } from '../support/hosts.ts'
import { RawPeer } from '../support/raw-peer.ts'
import { netConnections } from '../support/net-connections.ts'

const { audio, keyframe } = samples

/** A client of `a` that publishes and plays, and whether these streams have closed. */
async function twoStreams(hosts: Hosts) {
  const client = await hosts.client()
  const streams = [await client.publish('published'), (await client.play('played')).resume()]
  for (const stream of streams) stream.on('error', () => {})
  return { client, haveClosed: () => streams.map(({ closed }) => closed) }
}

/** Where a client is sent that nobody answers there: its end of the connection. */
async function nobodyAnswers(hosts: Hosts): Promise<MessageConnection> {
  const [near, far] = messagePair()
  far.resume()
  hosts.dial = () => near
  request(hosts.a, { tcUrl: 'rtmp://b/live' })
  await settled()
  return near
}

describe('a reconnect', () => {
  it('fails when connect is not answered within 15 s; if the server has gone, streams end', async () => {
    using clock = new VirtualClock()
    await using hosts = new Hosts()
    const { client, haveClosed } = await twoStreams(hosts)
    const errors: Error[] = []
    client.on('reconnectFailed', error => errors.push(error))
    const next = await nobodyAnswers(hosts)
    client.messages.destroy()
    await clock.advance(14_999)
    expect([haveClosed(), errors]).toEqual([[false, false], []])
    await clock.advance(1)
    expect(errors).toMatchObject([{ code: 'RTMP_ERR_CALL_TIMEOUT' }])
    expect([haveClosed(), next.destroyed]).toEqual([[true, true], true])
  })

  it.each([
    ['stands', false],
    ['has closed already', true],
  ])('that nobody answers ends with the client, when its connection %s', async (_what, isGone) => {
    await using hosts = new Hosts()
    const { client, haveClosed } = await twoStreams(hosts)
    const errors: Error[] = []
    client.on('reconnectFailed', error => errors.push(error))
    const next = await nobodyAnswers(hosts)
    if (isGone) client.messages.destroy()
    await settled()
    await client.close()
    await settled()
    expect([haveClosed(), next.destroyed, errors]).toEqual([[true, true], true, []])
  })

  it('that is still dialling when the client closes ends when it has dialled', async () => {
    await using hosts = new Hosts()
    const [near, far] = messagePair()
    let dialled = (_messages: MessageConnection) => {}
    const dialling = new Promise<MessageConnection>(resolve => (dialled = resolve))
    const client = new RtmpClient(hosts.dial('rtmp://a/live'))
    await client.connect({ app: 'live', tcUrl: 'rtmp://a/live', reconnect: () => dialling })
    request(hosts.a)
    await settled()
    await client.close()
    dialled(near)
    await settled()
    expect([near.destroyed, far.read()]).toEqual([true, null])
  })

  it('ends its dial when the client closes, and not when the client has moved', async () => {
    await using hosts = new Hosts()
    const client = new RtmpClient(hosts.dial('rtmp://a/live'))
    const signals: AbortSignal[] = []
    const reconnect = (tcUrl: string, signal: AbortSignal) => {
      signals.push(signal)
      if (new URL(tcUrl).host === 'b') return Promise.resolve(hosts.dial(tcUrl))
      return new Promise<never>((_, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true })
      })
    }
    const failures: Error[] = []
    client.on('reconnectFailed', error => failures.push(error))
    await client.connect({ app: 'live', tcUrl: 'rtmp://a/live', reconnect })
    const moved = once(client, 'reconnect')
    request(hosts.a, { tcUrl: 'rtmp://b/live' })
    await moved
    request(hosts.b, { tcUrl: 'rtmp://nowhere/live' })
    await expect.poll(() => signals.length, { interval: 1 }).toBe(2)
    expect(signals.map(({ aborted }) => aborted)).toEqual([false, false])
    await client.close()
    await settled()
    expect([signals.map(({ aborted }) => aborted), failures]).toEqual([[false, true], []])
    expect(signals[1]?.reason).toMatchObject({ statusCode: 'NetConnection.Connect.Closed' })
  })

  it('whose server goes before the streams have left is none: they stay', async () => {
    await using hosts = new Hosts()
    const client = await hosts.client()
    const stream = await client.publish('name')
    stream.write(keyframe(0))
    const failed = once(client, 'reconnectFailed')
    request(hosts.a, { tcUrl: 'rtmp://b/live' })
    await settled()
    for (const { messages } of netConnections(hosts.b.server)) messages.destroy()
    await settled()
    stream.write(keyframe(40))
    expect(await failed).toMatchObject([{ statusCode: 'NetConnection.Connect.Closed' }])
    expect([client.state, hosts.a.server.streams.get('live', 'name')?.isPublishing]).toEqual(['connected', true])
    stream.destroy()
  })

  it.each([
    ['the server goes', ['reconnectFailed'], (hosts: Hosts) => netConnections(hosts.b.server)[0]?.messages.destroy()],
    ['the client closes', [], (_hosts: Hosts, client: RtmpClient) => void client.close()],
  ])('during which streams start again, when %s, ends all of them', async (_what, expected, end) => {
    let [isAsked, told] = [false, [] as string[]]
    // What is asked for is not answered any more.
    const silent = { name: 'silent', onPlay: () => new Promise<void>(() => void (isAsked = true)) }
    await using hosts = new Hosts([], [silent])
    const { client, haveClosed } = await twoStreams(hosts)
    for (const event of ['reconnect', 'reconnectFailed'] as const) client.on(event, () => void told.push(event))
    const object = await client.sharedObject('state')
    const closed = once(object, 'close')
    request(hosts.a, { tcUrl: 'rtmp://b/live' })
    await expect.poll(() => isAsked, { interval: 1 }).toBe(true)
    await settled()
    expect(hosts.b.server.streams.get('live', 'published')?.isPublishing).toBe(true)
    end(hosts, client)
    await closed
    await settled()
    expect([haveClosed(), client.state, told]).toEqual([[true, true], 'closed', expected])
  })
})

describe('what is asked for while a client connects again', () => {
  /** A client that is about to be sent from a server that says what the test tells it to. */
  async function aboutToMove(hosts: Hosts) {
    const [near, far] = messagePair()
    const [client, here] = [new RtmpClient(near), new RawPeer(far)]
    const reconnect = (tcUrl: string) => Promise.resolve(hosts.dial(tcUrl))
    const connecting = client.connect({ app: 'live', tcUrl: 'rtmp://a/live', reconnect })
    here.command(0, '_result', 1, null, { level: 'status', code: 'NetConnection.Connect.Success' })
    await connecting
    const moved = once(client, 'reconnect')
    const until = async (name: string) => {
      for (;;) {
        const [command, , transactionId] = (await here.next()) as [string, number, number]
        if (command === name) return transactionId
        if (command === 'createStream') here.command(0, '_result', transactionId, null, transactionId)
      }
    }
    const move = () => {
      const info = { level: 'status', code: 'NetConnection.Connect.ReconnectRequest', tcUrl: 'rtmp://b/live' }
      here.command(0, 'onStatus', 0, null, info)
    }
    return { client, here, until, move, moved }
  }

  it('is asked for again where it goes', async () => {
    await using hosts = new Hosts()
    const { client, until, move, moved } = await aboutToMove(hosts)
    const [published, played] = [client.publish('name'), client.play('name')]
    await until('publish')
    await until('play')
    move()
    await moved
    const [publisher, player] = [await published, await played]
    publisher.write(audio(5))
    expect(await take(player, 1)).toMatchObject([{ timestamp: 5 }])
    await client.close()
    expect(publisher.destroyed).toBe(true)
  })

  it('is so, too, when its NetStream is made only after that', async () => {
    await using hosts = new Hosts()
    const { client, here, until, move, moved } = await aboutToMove(hosts)
    const published = client.publish('name')
    const transactionId = await until('createStream')
    const left = once(here.messages, 'end')
    move()
    here.messages.resume()
    await left
    here.command(0, '_result', transactionId, null, 4)
    await settled()
    here.messages.end()
    await moved
    expect((await published).destroyed).toBe(false)
    expect(hosts.b.server.streams.get('live', 'name')?.isPublishing).toBe(true)
    await client.close()
  })

  it('fails when there is nowhere to go', async () => {
    await using hosts = new Hosts()
    const { client, until, move } = await aboutToMove(hosts)
    const published = client.publish('name')
    await until('publish')
    hosts.dial = () => {
      client.messages.destroy()
      throw new Error('nobody there')
    }
    move()
    await expect(published).rejects.toMatchObject({ statusCode: 'NetConnection.Connect.Closed' })
  })
})
