import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { HttpPoster } from '../../src/client/http-poster.ts'
import { ForeignServer, reply } from '../support/foreign-server.ts'

/** A server that keeps a connection and then says no more, and who posts to it. */
async function silent(): Promise<{ server: ForeignServer; poster: HttpPoster; posting: Promise<unknown> }> {
  const server = await ForeignServer.start(request => {
    if (!request.path.startsWith('/silent')) reply(request, 'ok')
  })
  const poster = new HttpPoster({ secure: false, host: '127.0.0.1', port: server.port }, {})
  onTestFinished(() => poster.close())
  await poster.post('/first', Buffer.from([0]))
  const posting = poster.post('/silent', Buffer.from([0]))
  posting.catch(() => {})
  await vi.waitFor(() => expect(server.paths('silent').length).toBe(1))
  expect(server.requests[1]?.socket).toBe(server.requests[0]?.socket)
  return { server, poster, posting }
}

describe('HttpPoster', () => {
  it('does not send again what it has given up, and posts on', async () => {
    const { server, poster, posting } = await silent()
    poster.abort()
    await expect(posting).rejects.toMatchObject({ code: 'ECONNRESET' })
    expect((await poster.post('/next', Buffer.from([0]))).body.toString()).toBe('ok')
    expect(server.paths()).toEqual(['/first', '/silent', '/next'])
  })

  it('posts nothing and leaves no connection when it is closed', async () => {
    const { server, poster, posting } = await silent()
    poster.close()
    await expect(posting).rejects.toMatchObject({ code: 'ECONNRESET' })
    await expect(poster.post('/late', Buffer.from([0]))).rejects.toThrow('closed')
    await vi.waitFor(() => expect(server.requests.map(({ socket }) => socket.destroyed)).toEqual([true, true]))
    expect(server.paths()).toEqual(['/first', '/silent'])
  })
})
