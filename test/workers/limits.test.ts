import { StatusError } from 'rtmpipe'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { WorkerServer } from './support/worker-server.ts'

/** What a status says that refuses something. */
async function refusal(asked: Promise<unknown>): Promise<string> {
  const error = await asked.then(
    () => new Error('was not refused'),
    (reason: Error) => reason,
  )
  if (!(error instanceof StatusError)) throw error
  return `${error.statusCode}: ${error.description}`
}

describe('sessionLimits.maxConnections', () => {
  let server: WorkerServer
  beforeAll(async () => {
    server = await WorkerServer.start(2, { env: { RTMPIPE_SESSION_LIMITS_MAX_CONNECTIONS: '2' } })
  })
  afterAll(() => server?.[Symbol.asyncDispose]())

  test('counts over all workers, and nobody who has left or died', async () => {
    const [one] = await server.client()
    const [, slot] = await server.client()
    // Connections come to one worker after the other, so that none of them has more than its own limit.
    const tooMany = 'NetConnection.Connect.Rejected: there are 2 connections already'
    expect([await refusal(server.client()), await refusal(server.client())]).toEqual([tooMany, tooMany])
    one.messages.destroy()
    await untilAllowed(() => server.client())
    server.kill(slot)
    await server.process.program.waitForLine(new RegExp(`"worker":${slot}.*a worker died`))
    await untilAllowed(() => server.client())
  })
})

describe('quotas', () => {
  let server: WorkerServer
  beforeAll(async () => {
    const env = { RTMPIPE_QUOTAS_VIEWERS_PER_STREAM: '1', RTMPIPE_QUOTAS_CONNECTIONS_PER_ADDRESS: '5' }
    server = await WorkerServer.start(2, { env })
  })
  afterAll(() => server?.[Symbol.asyncDispose]())

  test('count viewers and connections over all workers', async () => {
    const first = await server.playOn(0, 'name')
    const tooMany = 'NetStream.Play.Failed: 1 viewers watch this stream already'
    expect(await refusal(server.playOn(1, 'name'))).toBe(tooMany)
    await server.playOn(1, 'other')
    first.destroy()
    await untilAllowed(() => server.playOn(1, 'name'))

    let [accepted, error]: [number, unknown] = [0, undefined]
    while (error === undefined) {
      error = await server.client().then(
        () => void (accepted += 1),
        (reason: unknown) => reason,
      )
    }
    expect(error).toMatchObject({
      statusCode: 'NetConnection.Connect.Rejected',
      description: '5 connections come from this address already',
    })
    // Three are there already.
    expect(accepted).toBeLessThanOrEqual(2)
  })
})

/** Tries until it is not refused: that somebody has left is known a little later. */
async function untilAllowed(attempt: () => Promise<unknown>): Promise<void> {
  const patience = performance.now() + 10_000
  for (;;) {
    try {
      await attempt()
      return
    } catch (error) {
      if (!(error instanceof StatusError) || performance.now() > patience) throw error
    }
  }
}
