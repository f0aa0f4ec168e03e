import type { MessageBatch, RtmpMessage } from '@rtmpipe/chunk-stream'
import { samples, sampleStream, send, settled, TestServer } from '@rtmpipe/testing'
import { once } from 'node:events'
import { Readable } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { deny } from '../../../src/contract/denial.ts'
import type { Host } from '../../../src/contract/host.ts'
import type { InProcessPlayer } from '../../../src/contract/in-process.ts'
import type { PlayInfo } from '../../../src/contract/info.ts'
import type { ViewOutput } from '../../../src/contract/view.ts'
import { status, type Status } from '../../../src/protocol/status.ts'

const who: InProcessPlayer = { transport: 'mine', remote: { address: '192.0.2.1', port: 4711 } }
const essence = ({ messageTypeId, timestamp, payload }: RtmpMessage) =>
  `${messageTypeId} ${timestamp} ${payload.toString('base64')}`

class Output implements ViewOutput {
  queuedBytes = 0
  /** What is queued once something more was taken. */
  queuedNext = 0
  bytesSent = 0
  readonly batches: MessageBatch[] = []
  readonly messages: RtmpMessage[] = []
  readonly told: string[] = []
  readonly ends: (string | undefined)[] = []

  take(batch: MessageBatch): boolean | void {
    this.batches.push(batch)
    this.messages.push(...batch.messages)
    this.bytesSent += batch.byteLength
    this.queuedBytes = this.queuedNext
  }

  status({ code }: Status): void {
    this.told.push(code)
  }

  ended(reason: Error | undefined): void {
    this.ends.push(reason?.message)
  }
}

describe('server.view()', () => {
  it('gives what a late player begins with, then the batches of all players', async () => {
    await using server = new TestServer()
    const publisher = await server.publish('live/name')
    const sent = sampleStream(6)
    await send(publisher, sent.slice(0, 9))
    const [one, other] = [new Output(), new Output()]
    const view = await server.server.view('live', 'name', who, one)
    await server.server.view('live', 'name', who, other)
    expect(one.messages).toHaveLength(9)
    await send(publisher, sent.slice(9))
    await settled()
    expect(one.messages.map(essence).sort()).toEqual(sent.map(essence).sort())
    expect(other.batches.slice(1)).toEqual(one.batches.slice(1))
    for (const [index, batch] of one.batches.slice(1).entries()) expect(other.batches[index + 1]).toBe(batch)
    expect(view.play).toMatchObject({ app: 'live', streamName: 'name' })
    expect(view.play?.connection.bytesSent).toBe(one.bytesSent)
    expect(server.server.streams.get('live', 'name')?.viewers).toBe(2)
    view.leave()
    view.leave()
    await settled()
    expect([one.ends, view.play]).toEqual([[undefined], undefined])
    expect(server.server.streams.get('live', 'name')?.viewers).toBe(1)
  })

  it('passes the gates, and ends nothing that was never open', async () => {
    const plugin = { name: 'no', onPlay: () => deny('NetStream.Play.Failed', 'not for you', { httpStatus: 401 }) }
    await using server = new TestServer({ plugins: [plugin] })
    const output = new Output()
    await expect(server.server.view('live', 'name', who, output)).rejects.toMatchObject({
      description: 'not for you',
      info: { httpStatus: 401 },
    })
    await settled()
    expect([output.ends, server.server.connections.size]).toEqual([[], 0])
  })

  it('is refused by a server that is full with a status for HTTP', async () => {
    await using server = new TestServer({ limits: { maxConnections: 1 } })
    await server.server.view('live', 'name', who, new Output())
    await expect(server.server.view('live', 'name', who, new Output())).rejects.toMatchObject({
      statusCode: 'NetConnection.Connect.Rejected',
      info: { httpStatus: 503 },
    })
  })

  it('ends with the publish, or is told of it and goes on', async () => {
    await using server = new TestServer()
    const [leaving, staying] = [new Output(), new Output()]
    const publisher = await server.publish('live/name')
    await send(publisher, sampleStream(1))
    await server.server.view('live', 'name', who, leaving)
    await server.server.view('live', 'name', { ...who, follow: true }, staying)
    publisher.end()
    await once(publisher, 'close')
    await settled()
    expect([leaving.ends, staying.ends]).toEqual([[undefined], []])
    await server.publish('live/name')
    await settled()
    expect(staying.told).toEqual(['NetStream.Play.UnpublishNotify', 'NetStream.Play.PublishNotify'])
  })

  it('says why somebody has ended it', async () => {
    const plays: PlayInfo[] = []
    await using server = new TestServer({ plugins: [{ name: 'spy', onPlayStart: play => void plays.push(play) }] })
    await send(await server.publish('live/name'), sampleStream(1))
    const [one, other, aborted] = [new Output(), new Output(), new Output()]
    const abort = new AbortController()
    await server.server.view('live', 'name', who, one)
    await server.server.view('live', 'name', who, other)
    await server.server.view('live', 'name', { ...who, signal: abort.signal }, aborted)
    plays[0]?.end(status('NetStream.Play.Failed', 'enough'))
    plays[1]?.connection.end(status('NetConnection.Connect.Closed', 'go'))
    abort.abort(new Error('mine'))
    await settled()
    expect([one.ends, other.ends]).toEqual([['NetStream.Play.Failed: enough'], ['NetConnection.Connect.Closed: go']])
    expect(aborted.ends).toHaveLength(1)
  })

  it('does not ask an output that says that nothing is queued, and believes one that says it is', async () => {
    await using server = new TestServer()
    const publisher = await server.publish('live/name')
    await send(publisher, sampleStream(1))
    class Telling extends Output {
      says: boolean | undefined
      asked = 0

      override take(batch: MessageBatch): boolean | undefined {
        super.take(batch)
        return this.says
      }
    }
    const output = new Telling()
    let queued = 0
    Object.defineProperty(output, 'queuedBytes', {
      get: () => {
        output.asked += 1
        return queued
      },
      set: () => {},
    })
    const view = await server.server.view('live', 'name', who, output)
    const askedFor = async (says: boolean | undefined, time: number) => {
      const before = output.asked
      output.says = says
      await send(publisher, [samples.keyframe(time)])
      await settled()
      return output.asked - before
    }
    await askedFor(true, 40)
    expect(await askedFor(true, 80)).toBe(0)
    expect(await askedFor(undefined, 120)).toBeGreaterThan(0)
    queued = 200_000
    await askedFor(false, 160)
    expect(view.play?.lag.bytes).toBeGreaterThanOrEqual(200_000)
  })

  it('holds back what an output has no room for, drops it by the policy, and goes on when it is drained', async () => {
    await using server = new TestServer({ limits: { maxPlayerQueueBytes: 20_000 } })
    const publisher = await server.publish('live/name')
    await send(publisher, sampleStream(1))
    const output = new Output()
    const view = await server.server.view('live', 'name', who, output)
    output.queuedNext = 200_000
    const before = output.messages.length
    for (let index = 1; index <= 40; index += 1) {
      await send(publisher, [index % 10 === 0 ? samples.keyframe(index * 40) : samples.interframe(index * 40, 2_000)])
    }
    await settled()
    // One finds that there is no room, the next is written and waited for.
    expect(output.messages.length - before).toBeLessThanOrEqual(2)
    expect(view.play?.dropped).toBeGreaterThan(0)
    expect(view.play?.lag.bytes).toBeLessThan(20_000 + 200_000 + 3_000)
    output.queuedBytes = output.queuedNext = 0
    view.drained()
    await settled()
    const dropped = view.play?.dropped ?? 0
    expect(output.messages.length - before).toBe(40 - dropped)
    expect(output.messages.at(-1)?.timestamp).toBe(1_600)
  })

  it('gives a recording as it is taken', async () => {
    const messages = sampleStream(4).map(message => ({ ...message, timestamp: 0 }))
    const plugin = {
      name: 'files',
      sourcePlay: () => ({ kind: 'private' as const, messages: Readable.from(messages) }),
    }
    await using server = new TestServer({ plugins: [plugin] })
    const output = new Output()
    await server.server.view('vod', 'file', who, output)
    await expect.poll(() => output.ends).toEqual([undefined])
    expect(output.messages.map(essence)).toEqual(messages.map(essence))
  })

  it('is what plugins have of their host', async () => {
    let host: Host | undefined
    await using server = new TestServer({ plugins: [{ name: 'mine', setup: given => void (host = given) }] })
    const publisher = await server.publish('live/name')
    await send(publisher, sampleStream(1))
    const output = new Output()
    await host?.view('live', 'name', who, output)
    expect(output.messages).toHaveLength(5)
  })
})
