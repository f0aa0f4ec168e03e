import { readFile, writeFile } from 'node:fs/promises'
import { samples, take } from '@rtmpipe/testing'
import { type ApiClient, apiClient } from 'rtmpipe/api-client'
import { connect } from 'rtmpipe'
import { describe, expect, it, vi } from 'vitest'
import { ServerProcess } from '../support/server-process.ts'
import { TemporaryFolder } from '../support/temporary-folder.ts'
import { WorkerServer } from './support/worker-server.ts'

async function clientOf({ urls, data }: ServerProcess): Promise<{ client: ApiClient; token: string; url: string }> {
  const token = (await readFile(data.file('admin-token'), 'utf8')).trim()
  const url = urls.rtmpt.replace('rtmpt', 'http')
  return { client: apiClient({ url, token }), token, url }
}

describe('several workers, over HTTP', () => {
  it('are one server: what they have is told, and done where it is', async () => {
    await using server = await ServerProcess.start({ args: ['--workers', '3'] })
    const { client, token, url } = await clientOf(server)
    const connections = await Promise.all(Array.from({ length: 6 }, () => connect(`${server.urls.rtmp}/live`)))
    const streams = await Promise.all(connections.map((one, index) => one.publish(`show${index}`)))
    for (const stream of streams) stream.write(samples.keyframe(0))
    const players = await Promise.all(connections.map((one, index) => one.play(`show${(index + 1) % 6}`)))
    await Promise.all(players.map(player => take(player, 1)))

    const told = await client.connections()
    expect(told).toHaveLength(6)
    expect(new Set(told.map(({ worker }) => worker)).size).toBeGreaterThan(1)
    const shown = await client.streams()
    expect(shown.map(({ id }) => id).sort()).toEqual(connections.map((_, index) => `live/show${index}`))
    expect(shown.map(({ viewers }) => viewers)).toEqual(Array(6).fill(1))
    for (const { publisher, worker } of shown) expect(told.find(({ id }) => id === publisher)).toMatchObject({ worker })
    expect(await client.server()).toMatchObject({ connections: 6, publishers: 6, players: 6, streams: 6 })
    expect((await client.server()).processes.map(({ worker }) => worker)).toEqual([0, 1, 2])

    const metrics = await (await fetch(`${url}/metrics`, { headers: { authorization: `Bearer ${token}` } })).text()
    expect(metrics).toMatch(/^rtmpipe_connections\b.* 6$/m)

    for (const [index, connection] of connections.entries()) {
      const gone = new Promise(resolve => connection.messages.once('close', resolve))
      const id = told.find(({ publishes }) => publishes.includes(`live/show${index}`))?.id ?? ''
      await client.endConnection(id)
      await gone
    }
    expect(await client.connections()).toEqual([])
  })

  it('are found where they were when the first of them has died, and events say that some are missed', async () => {
    await using server = await ServerProcess.start({ args: ['--workers', '2'] })
    const { client, token, url } = await clientOf(server)
    const headers = { authorization: `Bearer ${token}` }
    const eventsUntil = async (pattern: RegExp, more: Record<string, string> = {}) => {
      const { body } = await fetch(`${url}/api/v1/events`, { headers: { ...headers, ...more } })
      let text = ''
      for await (const part of body?.pipeThrough(new TextDecoderStream()) ?? []) {
        text += part
        if (pattern.test(text)) return text
      }
      throw new Error(`the events end: ${text}`)
    }
    const [, id = ''] = /^id: (.+)$/m.exec(await eventsUntil(/^id: .+$/m)) ?? []
    const { processes } = await client.server()
    const first = processes.find(({ worker }) => worker === 0)?.pid
    process.kill(first ?? NaN, 'SIGKILL')
    await server.program.waitForLine(/a worker died/)
    await vi.waitFor(async () => expect((await fetch(`${url}/health`)).status).toBe(200), { timeout: 10_000 })
    await eventsUntil(/^event: missed$/m, { 'last-event-id': id })
  })

  it('say why a configuration can not be taken over, as one process does', async () => {
    await using folder = await TemporaryFolder.create()
    const file = folder.file('rtmpipe.config.json')
    await writeFile(file, '{ "workers": 2 }')
    await using server = await ServerProcess.start({ args: ['--config', file] })
    const { client } = await clientOf(server)
    await writeFile(file, '{ "worker": 2 }')
    await expect(client.reload()).rejects.toMatchObject({ status: 409, message: expect.stringContaining('worker') })
  })

  it('tell that they drain until the last client of all has left', async () => {
    await using server = await WorkerServer.start(2)
    const { client, url } = await clientOf(server.process)
    const last = await server.clientOn(1)
    await client.drain()
    await server.process.program.waitForLine(/"worker":0,.*"msg":"draining/)
    await server.process.program.waitForLine(/"worker":1,.*"msg":"draining/)
    expect((await fetch(`${url}/health`)).status).toBe(503)
    // Clients on the other worker, if there were any, are leaving.
    await expect.poll(() => client.server()).toMatchObject({ isDraining: true, connections: 1 })
    await last.close()
    await server.process.program.finish(0)
  })

  it('drain together', async () => {
    await using server = await ServerProcess.start({ args: ['--workers', '2'] })
    const { client, url } = await clientOf(server)
    expect((await fetch(`${url}/health`)).status).toBe(200)
    await client.reload()
    await client.drain()
    await server.program.finish(0)
  })
})
