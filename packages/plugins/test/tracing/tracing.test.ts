import { SpanStatusCode } from '@opentelemetry/api'
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  type ReadableSpan,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-base'
import { deny, type Plugin, silentLogger } from '@rtmpipe/session'
import { samples, send, settled, take, TestServer } from '@rtmpipe/testing'
import { describe, expect, it } from 'vitest'
import { tracing } from '../../src/tracing/index.ts'

/** A server whose spans are kept. */
function traced(...plugins: readonly Plugin[]): { readonly test: TestServer; spans(): readonly ReadableSpan[] } {
  const exporter = new InMemorySpanExporter()
  const provider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] })
  const test = new TestServer({ plugins: [tracing({ provider }), ...plugins], log: silentLogger })
  return { test, spans: () => exporter.getFinishedSpans() }
}

const named = (spans: readonly ReadableSpan[], name: string) => spans.filter(span => span.name === name)
const parentOf = (span: ReadableSpan | undefined) => span?.parentSpanContext?.spanId
const idOf = (span: ReadableSpan | undefined) => span?.spanContext().spanId

const guard: Plugin = { name: 'guard', onConnect: () => {}, onPublish: () => {}, onPlay: () => {} }

describe('tracing()', () => {
  it('makes spans of connections, publishes, plays and hooks, one within the other', async () => {
    const { test, spans } = traced(guard)
    {
      await using server = test
      const publisher = await server.publish('live/show?key=secret')
      const player = await server.play('live/show?key=secret')
      await send(publisher, [samples.keyframe(0)])
      await take(player, 1)
    }
    const all = spans()
    expect(all.map(({ name }) => name).sort()).toEqual(
      ['connect', 'connect', 'onConnect', 'onConnect', 'onPlay', 'onPublish', 'play', 'publish'].sort(),
    )
    const [publish, play] = [named(all, 'publish')[0], named(all, 'play')[0]]
    const connection = named(all, 'connect').find(span => idOf(span) === parentOf(publish))
    expect(connection?.attributes).toMatchObject({
      'network.protocol.name': 'rtmp',
      'network.transport': 'tcp',
      'client.address': expect.any(String),
      'client.port': expect.any(Number),
      'user_agent.original': expect.any(String),
      'rtmp.app': 'live',
      'rtmp.received': expect.any(Number),
    })
    expect(connection?.parentSpanContext).toBeUndefined()
    expect(publish?.attributes).toMatchObject({
      'rtmp.app': 'live',
      'rtmp.stream.name': 'show',
      'rtmp.received': 2_000,
    })
    expect(play?.attributes).toMatchObject({ 'rtmp.stream.name': 'show', 'rtmp.dropped': 0 })
    const [hook] = named(all, 'onPublish')
    expect(hook?.attributes).toEqual({ 'rtmp.plugin': 'guard', 'rtmp.gate.result': 'allowed' })
    expect(parentOf(hook)).toBe(idOf(connection))
    expect(hook?.spanContext().traceId).toBe(publish?.spanContext().traceId)
    expect(all.every(({ status }) => status.code === SpanStatusCode.UNSET)).toBe(true)
    const told = all.map(({ name, attributes, status, events }) => ({ name, attributes, status, events }))
    expect(JSON.stringify(told)).not.toContain('secret')
  })

  it('tells who was refused, and by whom', async () => {
    const { test, spans } = traced({ name: 'keys', onPublish: () => deny('NetStream.Publish.Denied', 'no such key') })
    await using server = test
    await expect(server.publish('live/show?key=secret')).rejects.toMatchObject({
      statusCode: 'NetStream.Publish.Denied',
    })
    await settled()
    const [hook] = named(spans(), 'onPublish')
    expect(hook).toMatchObject({
      attributes: { 'rtmp.plugin': 'keys', 'rtmp.gate.result': 'denied', 'error.type': 'NetStream.Publish.Denied' },
      status: { code: SpanStatusCode.ERROR },
    })
    const [refused] = named(spans(), 'publish')
    expect(refused).toMatchObject({
      attributes: { 'rtmp.plugin': 'keys', 'rtmp.stream.name': 'show', 'error.type': 'NetStream.Publish.Denied' },
      status: { code: SpanStatusCode.ERROR },
    })
    expect(parentOf(refused)).toBe(parentOf(hook))
    expect(JSON.stringify(spans().map(({ attributes }) => attributes))).not.toContain('secret')
  })

  it('ends the span of a connection that is refused', async () => {
    const { test, spans } = traced({ name: 'door', onConnect: () => deny('NetConnection.Connect.Rejected', 'closed') })
    await using server = test
    await expect(server.play('live/show')).rejects.toThrow()
    await settled()
    const [connection, ...others] = named(spans(), 'connect')
    expect(others).toEqual([])
    expect(connection).toMatchObject({
      attributes: { 'error.type': 'NetConnection.Connect.Rejected', 'rtmp.plugin': 'door', 'rtmp.app': 'live' },
      status: { code: SpanStatusCode.ERROR },
    })
    expect(parentOf(named(spans(), 'onConnect')[0])).toBe(idOf(connection))
  })

  it('measures how long a hook takes', async () => {
    const { test, spans } = traced({ name: 'slow', onPlay: () => new Promise(resolve => setTimeout(resolve, 30)) })
    await using server = test
    await server.play('live/show')
    const [hook] = named(spans(), 'onPlay')
    const [seconds, nanoseconds] = hook?.duration ?? [0, 0]
    expect(seconds * 1_000 + nanoseconds / 1e6).toBeGreaterThan(25)
  })

  it('knows its options', () => {
    expect(() => tracing({ providr: {} } as never)).toThrow('there is no option providr, did you mean provider?')
  })
})
