import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { ColleagueServer } from '../../src/server/colleague-server.ts'
import type { Colleagues } from '../../src/server/colleagues.ts'
import { TunnelServer } from '../../src/server/tunnel-server.ts'
import { UnixColleagues } from '../../src/server/unix-colleagues.ts'
import { exactCases, handOverCases } from '../support/hand-over-cases.ts'
import { type TunnelProcess, tunnelProcess } from '../support/tunnel-process.ts'

/** Several in this process. */
async function inMemory(count: number): Promise<TunnelProcess[]> {
  const processes = new Map<string, TunnelProcess>()
  const colleagues: Colleagues = {
    handOver(name, request) {
      const process = processes.get(name)
      process?.sessions.take(request)
      return process !== undefined
    },
  }
  for (let index = 0; index < count; index++) processes.set(`n${index}`, await tunnelProcess(`n${index}`, colleagues))
  return [...processes.values()]
}

interface Joined {
  readonly processes: TunnelProcess[]
  readonly servers: ColleagueServer[]
}

/** Several that have a Unix socket each, as processes of a machine do. */
async function byUnixSockets(count: number): Promise<Joined> {
  const folder = await mkdtemp(join(tmpdir(), 'rtmpipe-test-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  const pathOf = (name: string) => join(folder, `${name}.sock`)
  const processes: TunnelProcess[] = []
  const servers: ColleagueServer[] = []
  for (let index = 0; index < count; index++) {
    const colleagues = new UnixColleagues(pathOf)
    onTestFinished(() => colleagues.close())
    const process = await tunnelProcess(`n${index}`, colleagues)
    const server = await ColleagueServer.listen(pathOf(`n${index}`), request => process.sessions.take(request))
    onTestFinished(() => server.close())
    processes.push(process)
    servers.push(server)
  }
  return { processes, servers }
}

describe('colleagues in memory', () => {
  it.each(exactCases)('%s', async (_, run) => run(await inMemory(2)))
})

describe('UnixColleagues', () => {
  it.each(handOverCases)('%s', async (_, run) => run((await byUnixSockets(4)).processes))
})

describe('a session of another process', () => {
  it('is gone with its process, and may be asked for again while that does not answer', async () => {
    const { processes, servers } = await byUnixSockets(2)
    const [first, second] = processes as [TunnelProcess, TunnelProcess]
    const id = await (await first.raw()).open()
    const client = await second.raw()
    await client.post(`/send/${id}/0`, 'x')
    const take = vi.spyOn(first.sessions, 'take')
    client.send(`/idle/${id}/1`)
    await vi.waitFor(() => expect(take).toHaveBeenCalled())
    const given = await second.raw()
    await servers[0]?.close()
    expect((await client.receive()).status).toBe(503)
    expect((await given.post(`/idle/${id}/1`)).status).toBe(404)
    expect((await (await second.raw()).post(`/idle/other${id.slice(2)}/1`)).status).toBe(404)
  })
})

describe('what no session can have as its id', () => {
  it('does no harm behind more answers than a connection takes', async () => {
    const { processes } = await byUnixSockets(2)
    const [first, second] = processes as [TunnelProcess, TunnelProcess]
    const id = await (await first.raw()).open()
    const client = await second.raw()
    await client.post(`/send/${id}/0`, 'x')
    const request = (path: string) => `POST ${path} HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\n\0`
    const odd = request(`/idle/${id.slice(0, -1)}%20/1`)
    client.write(request(`/idle/${id}/1`) + request('/open/1').repeat(200) + odd)
    for (let answers = 0; answers < 201; answers++) expect((await client.receive()).status).toBe(200)
    expect((await client.receive()).status).toBe(404)
  })

  it('is answered where there is no path for a name', async () => {
    const colleagues = new UnixColleagues(() => {
      throw new Error('too long')
    })
    const process = await tunnelProcess('n0', colleagues)
    expect((await (await process.raw()).post(`/send/${'x'.repeat(60)}/0`, 'x')).status).toBe(404)
  })
})

describe('a name', () => {
  it.each(['a b', '../x', 'thirteenchars'])('is not %s', name => {
    const options = { name, accept: () => {} }
    expect(() => new TunnelServer(options)).toThrow(expect.objectContaining({ code: 'RTMP_ERR_TUNNEL_OPTION' }))
  })

  it('is needed where there are others', () => {
    const options = { colleagues: { handOver: () => false }, accept: () => {} }
    expect(() => new TunnelServer(options)).toThrow(expect.objectContaining({ code: 'RTMP_ERR_TUNNEL_OPTION' }))
  })
})
