import { readFile, stat, writeFile } from 'node:fs/promises'
import { Agent, get as httpsGet } from 'node:https'
import { samples, take } from '@rtmpipe/testing'
import { describe, expect, it } from 'vitest'
import { ServerProcess } from '../../../../test/support/server-process.ts'
import { TemporaryFolder } from '../../../../test/support/temporary-folder.ts'
import { words } from '../../../../test/support/words.ts'
import { apiClient } from '../../src/api-client.ts'
import { connect } from '../../src/index.ts'
import { rtmpipe } from '../support/command.ts'

function httpOf({ urls }: ServerProcess): string {
  return urls.rtmpt.replace('rtmpt', 'http')
}

async function madeToken({ data }: ServerProcess): Promise<string> {
  return (await readFile(data.file('admin-token'), 'utf8')).trim()
}

describe.concurrent('the HTTP ports of rtmpipe serve', () => {
  it('have health and the page of the dashboard without a token, everything else with one, and nothing that is not mounted', async () => {
    await using server = await ServerProcess.start()
    const base = httpOf(server)
    for (const path of ['/health', '/ready', '/admin']) expect((await fetch(base + path)).status).toBe(200)
    for (const path of ['/api/v1/server', '/api/v1/configuration', '/metrics'])
      expect((await fetch(base + path)).status, path).toBe(401)
    for (const path of ['/', '/metric', '/control/drop', '/stat', '/v3/paths/list', '/admin-token', '/../admin-token'])
      expect((await fetch(base + path)).status, path).toBe(404)
    const authorization = `Bearer ${await madeToken(server)}`
    const report = await fetch(`${base}/api/v1/server`, { headers: { authorization } })
    expect(await report.json()).toMatchObject({ connections: 0, processes: [{ pid: server.pid }] })
    const metrics = await (await fetch(`${base}/metrics`, { headers: { authorization } })).text()
    expect(metrics).toContain('rtmpipe_build_info{')
  })

  it('are the same house over TLS', async () => {
    await using server = await ServerProcess.start({ args: ['--admin-token', 'of-mine'] })
    const url = `${server.urls.rtmpts.replace('rtmpts', 'https')}/api/v1/server`
    const agent = new Agent({ rejectUnauthorized: false })
    const status = await new Promise(resolve =>
      httpsGet(url, { agent, headers: { authorization: 'Bearer of-mine' } }, answer => resolve(answer.statusCode)),
    )
    agent.destroy()
    expect(status).toBe(200)
    await expect(stat(server.data.file('admin-token'))).rejects.toMatchObject({ code: 'ENOENT' })
  })

  it('tunnel, while they are asked', async () => {
    await using server = await ServerProcess.start()
    const publishing = await connect(`${server.urls.rtmpt}/live`)
    const playing = await connect(`${server.urls.rtmpts}/live`, { insecure: true })
    const player = await playing.play('name')
    const publisher = await publishing.publish('name')
    publisher.write(samples.keyframe(0))
    await take(player, 1)
    const client = apiClient({ url: httpOf(server), token: await madeToken(server) })
    expect(await client.streams()).toMatchObject([{ id: 'live/name', viewers: 1 }])
    expect((await client.connections()).map(({ transport }) => transport).sort()).toEqual(['rtmpt', 'rtmpts'])
    await Promise.all([publishing.close(), playing.close()])
  })

  it('tell in /health that the server drains', async () => {
    await using server = await ServerProcess.start()
    const client = await connect(`${server.urls.rtmp}/live`)
    server.program.kill('SIGUSR2')
    await server.program.waitForLine(/draining/)
    const answer = await fetch(`${httpOf(server)}/health`)
    expect(answer.status).toBe(503)
    expect(await answer.json()).toEqual({ status: 'draining' })
    await client.close()
    await server.program.finish(0)
  })

  it('drain and reload when they are asked to', async () => {
    await using server = await ServerProcess.start()
    const client = apiClient({ url: httpOf(server), token: await madeToken(server) })
    await client.reload()
    await server.program.waitForLine(/configuration read again/)
    await client.drain()
    await server.program.finish(0)
  })

  it('tell the configuration, with its secrets masked', async () => {
    const args = words`--view-token only-to-look --publish-key sesame --push rtmp://user:word@127.0.0.1:1/app?key=1`
    await using server = await ServerProcess.start({ args })
    const base = httpOf(server)
    const answer = await fetch(`${base}/api/v1/configuration`, { headers: { authorization: 'Bearer only-to-look' } })
    expect(answer.status).toBe(200)
    const text = await answer.text()
    expect(JSON.parse(text)).toMatchObject({ workers: 1, host: '127.0.0.1', viewToken: '******' })
    expect(text).not.toMatch(/sesame|only-to-look|word@|key=1/)
  })
})

describe.concurrent('the admin token', () => {
  it('is made at the first start, kept for its owner alone, and shown once', async () => {
    await using folder = await TemporaryFolder.create()
    const data = folder.file('data')
    const shown: string[][] = []
    for (let start = 0; start < 2; start++) {
      await using program = rtmpipe(...words`serve --rtmp off --rtmps off --rtmpt 0 --rtmpts off --data ${data}`)
      await program.waitForLine(/^rtmpipe ready/)
      program.kill()
      const { stderr } = await program.finish(0)
      const token = (await readFile(`${data}/admin-token`, 'utf8')).trim()
      expect(token).toMatch(/^[\w-]{32}$/)
      expect((await stat(`${data}/admin-token`)).mode & 0o777).toBe(0o600)
      shown.push(stderr.filter(line => line.includes(token)))
    }
    expect(shown.map(lines => lines.length)).toEqual([1, 0])
  })

  it('is not made where nothing needs it', async () => {
    await using folder = await TemporaryFolder.create()
    const data = folder.file('data')
    await using program = rtmpipe(...words`serve --rtmp 0 --rtmps off --rtmpt off --rtmpts off --data ${data}`)
    await program.waitForLine(/^rtmpipe ready/)
    program.kill()
    await program.finish(0)
    await expect(stat(data)).rejects.toMatchObject({ code: 'ENOENT' })
  })

  it('is not kept when the start fails, since nobody has been shown it', async () => {
    await using taken = await ServerProcess.start()
    await using folder = await TemporaryFolder.create()
    const port = new URL(taken.urls.rtmpt).port
    await using program = rtmpipe(
      ...words`serve --rtmp off --rtmps off --rtmpt ${port} --rtmpts off --data ${folder.path}`,
    )
    const { stderr } = await program.finish(2)
    expect(stderr).toEqual([
      `rtmpipe: port ${port} on 127.0.0.1 is in use: choose another with --rtmpt PORT (0 takes a free one), or --rtmpt off`,
    ])
    await expect(stat(folder.file('admin-token'))).rejects.toMatchObject({ code: 'ENOENT' })
  })

  it.each([[{ RTMPIPE_ADMIN_TOKEN: 'of-the-environment' }], [{ RTMPIPE_ADMIN_TOKEN_FILE: 'FILE' }]])(
    'comes from the environment: %j',
    async env => {
      await using folder = await TemporaryFolder.create()
      const file = folder.file('token')
      await writeFile(file, 'of-the-environment\n')
      const given = Object.fromEntries(
        Object.entries(env).map(([name, value]) => [name, value === 'FILE' ? file : value]),
      )
      await using server = await ServerProcess.start({ env: given })
      const headers = { authorization: 'Bearer of-the-environment' }
      expect((await fetch(`${httpOf(server)}/api/v1/server`, { headers })).status).toBe(200)
    },
  )

  it('is another one after a reload', async () => {
    await using folder = await TemporaryFolder.create()
    const file = folder.file('token')
    await writeFile(file, 'the-first')
    await using server = await ServerProcess.start({ env: { RTMPIPE_ADMIN_TOKEN_FILE: file } })
    await writeFile(file, 'the-second')
    server.program.kill('SIGHUP')
    await server.program.waitForLine(/changed: adminToken/)
    const status = async (token: string) =>
      (await fetch(`${httpOf(server)}/api/v1/server`, { headers: { authorization: `Bearer ${token}` } })).status
    expect([await status('the-first'), await status('the-second')]).toEqual([401, 200])
  })

  it('that can not be sent is refused', async () => {
    await using program = rtmpipe('serve', '--admin-token', 'two words')
    expect((await program.finish(2)).stderr).toEqual([
      'rtmpipe: --admin-token: expected visible ASCII characters, without spaces',
    ])
  })
})
