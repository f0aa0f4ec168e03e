import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { samples, take } from '@rtmpipe/testing'
import { apiClient } from 'rtmpipe/api-client'
import { connect } from 'rtmpipe'
import { describe, expect, it } from 'vitest'
import { RoundRobin } from '../support/round-robin.ts'
import { RunningProgram } from '../support/running-program.ts'
import { command, ServerProcess } from '../support/server-process.ts'
import { TemporaryFolder } from '../support/temporary-folder.ts'

// Up to five processes start, which may have to wait for the processor.
describe('several workers, by tunnel', { timeout: 120_000 }, () => {
  it.each(['rtmpt', 'rtmpts'] as const)(
    'are one server for requests that come to any of them, over %s',
    async scheme => {
      await using server = await ServerProcess.start({ args: ['--workers', '4'] })
      await using proxy = await RoundRobin.start([server.urls[scheme]])
      const clients = await Promise.all(Array.from({ length: 4 }, () => connect(`${proxy.url}/live`)))
      const [publisher, ...players] = clients
      const stream = await publisher?.publish('show')
      stream?.write(samples.keyframe(0))
      const plays = await Promise.all(players.map(player => player.play('show')))
      await Promise.all(plays.map(play => take(play, 1)))
      const sent = Array.from({ length: 150 }, (_, index) => ({
        ...samples.interframe(index + 1),
        payload: Buffer.concat([samples.interframe(0).payload, Buffer.alloc(2_000, index)]),
      }))
      const received = Promise.all(plays.map(play => take(play, sent.length)))
      for (const message of sent) {
        if (stream?.write(message) === false) await once(stream, 'drain')
      }
      for (const messages of await received) {
        expect(messages.map(({ payload }) => Buffer.from(payload))).toEqual(sent.map(({ payload }) => payload))
      }
      // Their sessions are at several workers, as they came.
      expect(proxy.names.size).toBeGreaterThan(1)
      await Promise.all(clients.map(client => client.close()))
    },
  )

  it('are one server for what is not tunnel', async () => {
    await using server = await ServerProcess.start({ args: ['--workers', '3'] })
    const url = server.urls.rtmpt.replace('rtmpt', 'http')
    const token = (await readFile(server.data.file('admin-token'), 'utf8')).trim()
    for (let count = 0; count < 6; count++) {
      expect((await fetch(`${url}/health`, { headers: { connection: 'close' } })).status).toBe(200)
    }
    const { processes } = await apiClient({ url, token }).server()
    expect(processes.map(({ worker }) => worker)).toEqual([0, 1, 2])
    expect(
      (await fetch(`${url}/nothing`, { method: 'POST', body: 'x', headers: { connection: 'close' } })).status,
    ).toBe(404)
    // Wrong tokens count, wherever they come.
    const statuses = new Set<number>()
    for (let count = 0; count < 12; count++) {
      const headers = { connection: 'close', authorization: 'Bearer wrong' }
      statuses.add((await fetch(`${url}/api/v1/server`, { headers })).status)
    }
    expect([...statuses]).toEqual([401, 429])
  })

  it('serve tunnels alone', async () => {
    await using data = await TemporaryFolder.create()
    const ports = ['--rtmp', 'off', '--rtmps', 'off', '--rtmpt', '0', '--rtmpts', 'off']
    const args = [command, 'serve', '--workers', '2', '--data', data.path, ...ports]
    await using program = new RunningProgram({ file: process.execPath, args })
    const [, url] = await program.waitForLine(/(rtmpt:\/\/127\.0\.0\.1:\d+)/)
    const client = await connect(`${url}/live`)
    await client.close()
  })
})
