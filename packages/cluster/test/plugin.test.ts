import type { RtmpMessage } from '@rtmpipe/chunk-stream'
import { cluster, StreamLostError } from '@rtmpipe/cluster'
import { type Awaitable, type Denial, deny, type Logger, type Plugin, silentLogger, status } from '@rtmpipe/session'
import { samples, sampleStream, take, TestServer } from '@rtmpipe/testing'
import { Transform } from 'readable-stream'
import { beforeEach, describe, expect, it } from 'vitest'
import { assertSame } from '../src/testing/same-messages.ts'
import { until } from '@rtmpipe/testing/suite'
import { ManualFabric, write } from './support/manual-fabric.ts'

const path = 'live/name'

let fabric: ManualFabric
let faults: object[]
beforeEach(() => {
  fabric = new ManualFabric()
  faults = []
})

function serverWith(...others: Plugin[]): TestServer {
  const log: Logger = { ...silentLogger, error: fields => void faults.push(fields), child: () => log }
  return new TestServer({ plugins: [...others, cluster(fabric)], log, limits: { hookTimeout: 200 } })
}

/** Answers to claims come when the test says so. */
function holdClaims(): { asked: number; answer: (granted: boolean) => void } {
  const held = { asked: 0, answer: (_granted: boolean) => {} }
  fabric.onClaim = () => {
    held.asked += 1
    return new Promise(resolve => (held.answer = resolve))
  }
  return held
}

/** A plugin that is asked after the cluster. */
function atLast(name: string, whenAgreed: () => Awaitable<Denial | void>): Plugin {
  return { name, onPublishAccepted: () => ({ whenAgreed }) }
}

/** Keeps the end of a publish waiting. */
class SlowEnd extends Transform {
  finish: (() => void) | undefined
  constructor() {
    super({ objectMode: true })
  }
  override _transform(
    message: RtmpMessage,
    _encoding: string,
    done: (error: null, message: RtmpMessage) => void,
  ): void {
    done(null, message)
  }
  override _flush(done: () => void): void {
    this.finish = done
  }
}

describe('a claim', () => {
  it('that the network can not answer for is refused with a sentence in the log, not as a bug of ours', async () => {
    const message = 'see that NATS runs'
    const cause = new Error('no JetStream')
    fabric.onClaim = () => Promise.reject(new StreamLostError(message, { cause }))
    const told: [object, string][] = []
    const log: Logger = { ...silentLogger, error: (...line) => void told.push(line), child: () => log }
    await using server = new TestServer({ plugins: [cluster(fabric)], log })
    await expect(server.publish(path)).rejects.toThrow('nothing can be published at the moment')
    expect(told).toEqual([[{ code: 'RTMP_ERR_STREAM_LOST', why: 'no JetStream' }, message]])
  })

  it('may take as long as the fabric says', async () => {
    const slow = Object.assign(fabric, { claimTimeout: 5_000 })
    slow.onClaim = () => new Promise(resolve => setTimeout(() => resolve(true), 60))
    await using server = new TestServer({ plugins: [cluster(slow)], limits: { hookTimeout: 20 } })
    await server.publish(path)
    expect(fabric.offered.length).toBe(1)
  })

  it('is released when it comes after the gate has given up', async () => {
    await using server = serverWith()
    const claims = holdClaims()
    await expect(server.publish(path)).rejects.toMatchObject({ statusCode: 'NetStream.Failed' })
    claims.answer(true)
    await until('the release', () => fabric.released.length === 1)
    expect(fabric.offered).toEqual([])
  })

  it('is released when it comes after the client has left', async () => {
    await using server = serverWith()
    const claims = holdClaims()
    const refused = expect(server.publish(path)).rejects.toMatchObject({ statusCode: 'NetConnection.Connect.Closed' })
    await until('the question', () => claims.asked === 1)
    server.clients[0]?.messages.destroy()
    await refused
    claims.answer(true)
    await until('the release', () => fabric.released.length === 1)
    expect(faults).toEqual([])
  })

  it('is given back when the publish does not begin, and the client may try again', async () => {
    const end = status('NetStream.Publish.Denied', 'not yet')
    let refusals = 1
    await using server = serverWith({ name: 'ends', bindPublish: info => void (refusals-- > 0 && info.end(end)) })
    const client = await server.connect('live')
    await expect(client.publish('name')).rejects.toMatchObject({ statusCode: 'NetStream.Publish.Denied' })
    expect(fabric.released).toEqual([1])
    await client.publish('name')
    expect([fabric.claims, fabric.offered.length, fabric.released.length]).toEqual([2, 1, 1])
  })

  it('is not asked for a publish that another plugin refuses, wherever that stands', async () => {
    await using server = new TestServer({
      plugins: [cluster(fabric), { name: 'gate', onPublish: () => deny('NetStream.Publish.Denied', 'no') }],
    })
    await expect(server.publish(path)).rejects.toMatchObject({ statusCode: 'NetStream.Publish.Denied' })
    expect(fabric.claims).toBe(0)
  })

  it('is given back when a plugin after it has no place', async () => {
    await using server = new TestServer({
      plugins: [cluster(fabric), atLast('full', () => deny('NetStream.Publish.Denied', 'full'))],
    })
    await expect(server.publish(path)).rejects.toMatchObject({ statusCode: 'NetStream.Publish.Denied' })
    expect([fabric.claims, fabric.released]).toEqual([1, [1]])
  })

  it('is not made when another plugin has no place, wherever that stands', async () => {
    await using server = new TestServer({
      plugins: [cluster(fabric), { name: 'full', onPublishAccepted: () => deny('NetStream.Publish.Denied', 'full') }],
    })
    await expect(server.publish(path)).rejects.toMatchObject({ statusCode: 'NetStream.Publish.Denied' })
    expect(fabric.claims).toBe(0)
  })

  it('that a fabric can not get refuses the publisher, and no other', async () => {
    await using server = serverWith()
    fabric.onClaim = () => Promise.reject(new Error('the network is down'))
    await expect(server.publish(path)).rejects.toMatchObject({ statusCode: 'NetStream.Failed' })
    expect(faults).toMatchObject([{ plugin: 'cluster', hook: 'onPublishAccepted' }])
    fabric.onClaim = () => Promise.resolve(true)
    await server.publish(path)
    expect(fabric.offered).toHaveLength(1)
  })

  it('that is lost ends the publish, whose players go on with who has the name now', async () => {
    const slowEnd = new SlowEnd()
    await using server = serverWith({ name: 'slow', bindPublish: () => slowEnd })
    const publisher = await server.publish(path)
    const player = await server.play(path, { follow: true })
    publisher.on('error', () => {})
    publisher.write(samples.audio(0))
    await take(player, 1)
    const elsewhere = fabric.publishElsewhere()
    write(elsewhere, samples.audio(7))
    fabric.lose(1)
    await until('the end of the publish', () => slowEnd.finish !== undefined)
    expect(server.server.streams.get('live', 'name')?.isPublishing).toBe(true)
    slowEnd.finish?.()
    assertSame(await take(player, 1), [{ ...samples.audio(40), discontinuity: true }])
    expect(publisher.destroyed).toBe(true)
    expect(fabric.released).toEqual([1])
  })

  it('is that of the name that is published, wherever a plugin that renames stands', async () => {
    await using server = new TestServer({
      plugins: [cluster(fabric), { name: 'rename', onPublish: () => ({ streamName: 'other' }) }],
    })
    await server.publish(path)
    expect(fabric.offered.map(({ name }) => name)).toEqual(['other'])
    server.clients[0]?.messages.destroy()
    await until('the release', () => fabric.released.length === 1)
  })

  it('is released when another plugin ends the publish as it begins', async () => {
    const end = status('NetStream.Publish.Denied', 'no')
    await using server = serverWith({ name: 'ends', onPublishStart: info => info.end(end) })
    const publisher = await server.publish(path)
    publisher.on('error', () => {})
    await until('the release', () => fabric.released.length === 1)
    // It had begun for everybody, and is over for everybody.
    expect(fabric.offered.map(({ isPublishing }) => isPublishing)).toEqual([false])
  })
})

describe('a feed', () => {
  it('makes way for a publisher of the own server, even before it has drained', async () => {
    await using server = serverWith()
    const player = await server.play(path, { follow: true })
    const elsewhere = fabric.publishElsewhere(fabric.nextEpoch())
    write(elsewhere, samples.audio(0))
    assertSame(await take(player, 1), [samples.audio(0)])
    const late = fabric.nextEpoch()
    const publisher = await server.publish(path)
    await until('the feed to have left', () => elsewhere.destroyed)
    const ghost = fabric.publishElsewhere(late)
    await until('the last word of an older owner to be ignored', () => ghost.destroyed)
    publisher.write(samples.audio(0))
    assertSame(await take(player, 1), [{ ...samples.audio(40), discontinuity: true }])
    publisher.end()
    await until('the release', () => fabric.released.length === 1)
    write(fabric.publishElsewhere(), samples.audio(0))
    assertSame(await take(player, 1), [{ ...samples.audio(80), discontinuity: true }])
  })

  it('does not keep a publisher of the own server out when the older owner is heard of in between', async () => {
    const asked: (() => void)[] = []
    await using server = new TestServer({
      plugins: [cluster(fabric), atLast('slow', () => new Promise<void>(resolve => asked.push(resolve)))],
    })
    await server.play(path, { follow: true })
    const old = fabric.nextEpoch()
    const publish = server.publish(path)
    await until('the next plugin to be asked', () => asked.length === 1)
    const ghost = fabric.publishElsewhere(old)
    await until('the older owner to be ignored', () => ghost.destroyed)
    asked[0]?.()
    await publish
    expect(fabric.offered).toHaveLength(1)
  })

  it('waits for a consumer that holds its publisher, and loses nothing', async () => {
    await using server = serverWith()
    const player = await server.play(path)
    const stream = server.server.streams.get('live', 'name')
    const recorder = stream?.subscribe({ whenSlow: 'backpressure', maxBytes: 4_000, follow: true })
    const elsewhere = fabric.publishElsewhere()
    const all = sampleStream(100)
    const received = take(player, all.length)
    let held = false
    for (const message of all) {
      write(elsewhere, message)
      await new Promise(resolve => setImmediate(resolve))
      held ||= elsewhere.isPaused()
    }
    expect(held).toBe(true)
    const recorded = await take(recorder as NonNullable<typeof recorder>, all.length)
    assertSame(recorded, all)
    assertSame(await received, all)
    recorder?.destroy()
  })

  it('outlives what fails, and what no stream is made of', async () => {
    await using server = serverWith()
    const player = await server.play(path, { follow: true })
    for (const [round, breaks] of [
      (at: ReturnType<ManualFabric['publishElsewhere']>) => at.destroy(new Error('cut off')),
      (at: ReturnType<ManualFabric['publishElsewhere']>) => at.destroy(),
      (at: ReturnType<ManualFabric['publishElsewhere']>) => write(at, { ...samples.audio(0), messageTypeId: 1 }),
      (at: ReturnType<ManualFabric['publishElsewhere']>) => at.end(),
    ].entries()) {
      const elsewhere = fabric.publishElsewhere()
      write(elsewhere, samples.audio(0))
      assertSame(await take(player, 1), [{ ...samples.audio(40 * round), discontinuity: round > 0 }])
      breaks(elsewhere)
      await until('it to be over', () => elsewhere.destroyed)
    }
    expect(faults).toEqual([])
  })

  it('ends with the last of its players, however they leave', async () => {
    await using server = serverWith()
    const client = await server.connect('live')
    const [one, two] = [await client.play('name'), await client.play('name')]
    const three = await server.play(path)
    await until('the join', () => fabric.joins === 1)
    const elsewhere = fabric.publishElsewhere()
    one.destroy()
    server.clients[1]?.messages.destroy()
    await until('two of them to have left', () => server.server.streams.get('live', 'name')?.consumerCount === 1)
    write(elsewhere, samples.audio(0))
    await take(two, 1)
    expect([fabric.joins, elsewhere.destroyed]).toEqual([1, false])
    two.destroy()
    await until('the end of the join', () => fabric.joins === 0 && elsewhere.destroyed)
    expect(server.server.streams.size).toBe(0)
    three.destroy()
  })

  it('is not begun for a player that another plugin ends at once', async () => {
    const end = status('NetStream.Play.Failed', 'no')
    await using server = serverWith({ name: 'ends', onPlayStart: info => info.end(end) })
    const player = await server.play(path)
    player.on('error', () => {})
    await until('the end of the play', () => player.destroyed)
    await server.server.close()
    expect(fabric.joins).toBe(0)
  })

  it('of a fabric that fails is logged, ends, and is tried again for the next player', async () => {
    await using server = serverWith()
    const first = await server.play(path)
    await until('the join', () => fabric.joins === 1)
    fabric.fail(new Error('broken'))
    await until('the failure', () => faults.length === 1)
    expect(faults).toMatchObject([{ plugin: 'cluster', hook: 'onPlayStart' }])
    fabric.fail(undefined)
    const second = await server.play(path)
    await until('another join', () => fabric.joins === 1)
    write(fabric.publishElsewhere(), samples.audio(0))
    for (const player of [first, second]) assertSame(await take(player, 1), [samples.audio(0)])
  })
})

describe('the end of a server', () => {
  it('ends its joins and disposes the fabric', async () => {
    const server = serverWith()
    await server.play(path)
    await server.play('live/other')
    await server.publish('live/third')
    await until('the joins', () => fabric.joins === 2)
    await server[Symbol.asyncDispose]()
    await until('the end of the joins', () => fabric.joins === 0)
    expect([fabric.disposed, fabric.released]).toEqual([1, [1]])
    expect(faults).toEqual([])
  })
})
