import type { FastifyRequest } from 'fastify'
import { describe, expect, it } from 'vitest'
import { TokenAccess } from '../../src/access/token-access.ts'
import { http } from '../../src/index.ts'
import { quietHost } from '../support/host.ts'
import { doors, served, token, viewToken } from '../support/served.ts'

describe('tokens', () => {
  it('lets in who shows the token of a role', async () => {
    const { as } = await served()
    expect((await as(token)('/look')).status).toBe(200)
    expect((await as(token)('/change', { method: 'POST' })).status).toBe(200)
    expect((await as(viewToken)('/look')).status).toBe(200)
    const refused = await as(viewToken)('/change', { method: 'POST' })
    expect(refused.status).toBe(403)
    expect(refused.headers.get('content-type')).toContain('application/problem+json')
    expect(await refused.json()).toMatchObject({ status: 403, title: 'Forbidden', type: 'about:blank' })
  })

  it('takes the scheme in any case', async () => {
    const { get } = await served()
    expect((await get('/look', { headers: { authorization: `bEARER   ${token}` } })).status).toBe(200)
  })

  it.each([
    ['no header', undefined],
    ['an empty one', ''],
    ['no token', 'Bearer'],
    ['another token', 'Bearer another'],
    ['a longer token', `Bearer ${token}x`],
    ['a shorter token', `Bearer ${token.slice(0, -1)}`],
    ['two tokens', `Bearer ${token} ${token}`],
    ['another scheme', `Basic ${btoa(`admin:${token}`)}`],
    ['the token alone', token],
    ['a token that is too long', `Bearer ${'x'.repeat(4_000)}`],
    ['a name of the language', 'Bearer __proto__'],
  ])('refuses %s with 401 and a problem', async (_what, authorization) => {
    const { get } = await served()
    const answer = await get('/look', authorization === undefined ? {} : { headers: { authorization } })
    expect(answer.status).toBe(401)
    expect(answer.headers.get('www-authenticate')).toContain('Bearer')
    expect(answer.headers.get('content-type')).toContain('application/problem+json')
    expect(await answer.text()).not.toContain(token)
  })

  it('closes what needs a token where there is none, and says so', async () => {
    const lines: string[] = []
    const log = { ...quietHost().log, warn: (_fields: object, message: string) => void lines.push(message) }
    const web = http({ port: 0, mount: [doors] })
    await web.setup?.(quietHost({ log }))
    const base = `http://127.0.0.1:${web.address?.port}`
    expect((await fetch(`${base}/open`)).status).toBe(200)
    for (const authorization of ['Bearer undefined', 'Bearer null', 'Bearer x'])
      expect((await fetch(`${base}/look`, { headers: { authorization } })).status).toBe(401)
    await web.onClose?.()
    expect(lines).toEqual([expect.stringContaining('no token')])
  })

  it.each([
    ['0.0.0.0', undefined, true],
    ['127.0.0.1', undefined, false],
    ['localhost', undefined, false],
  ] as const)('warns of plain text on %s: %s', async (host, _tls, warns) => {
    const lines: string[] = []
    const log = { ...quietHost().log, warn: (_fields: object, message: string) => void lines.push(message) }
    const web = http({ port: 0, host, token, mount: [doors] })
    await web.setup?.(quietHost({ log }))
    await web.onClose?.()
    expect(lines.some(line => line.includes('TLS'))).toBe(warns)
    expect(lines.join()).not.toContain(token)
  })

  it('can not be of both roles: who may look could change everything', () => {
    expect(() => http({ token, viewToken: token })).toThrow(expect.objectContaining({ code: 'RTMP_ERR_USAGE' }))
  })

  it.each(['', ' ', 'two words', 'naïve', 'a\nb', 'x'.repeat(1_025)])('can not be %j', bad => {
    for (const options of [{ token: bad }, { viewToken: bad }])
      expect(() => http(options)).toThrow(expect.objectContaining({ code: 'RTMP_ERR_USAGE' }))
  })

  it('takes other tokens while it runs', async () => {
    const { as, web } = await served()
    web.house.access.take({ token: 'the-next-one' })
    expect((await as(token)('/look')).status).toBe(401)
    expect((await as('the-next-one')('/look')).status).toBe(200)
    expect((await as(viewToken)('/look')).status).toBe(401)
  })
})

describe('wrong tokens', () => {
  it('are ten in a minute from one address, then it waits', async () => {
    const { as, get } = await served()
    for (let time = 0; time < 10; time++) expect((await as('wrong')('/look')).status).toBe(401)
    const answer = await as('wrong')('/look')
    expect(answer.status).toBe(429)
    const wait = Number(answer.headers.get('retry-after'))
    expect(wait).toBeGreaterThan(0)
    expect(wait).toBeLessThanOrEqual(60)
    expect(await answer.json()).toMatchObject({ status: 429 })
    // Whether a token is right is not told any more.
    expect((await as(token)('/look')).status).toBe(429)
    expect((await get('/open')).status).toBe(200)
    expect((await get('/look')).status).toBe(401)
  })

  it('are one line of the log when there are too many, without the tokens', async () => {
    const lines: string[] = []
    const warn = (fields: object, message: string) => void lines.push(JSON.stringify(fields) + message)
    const web = http({ port: 0, token, mount: [doors] })
    await web.setup?.(quietHost({ log: { ...quietHost().log, warn } }))
    for (let time = 0; time < 15; time++) {
      const headers = { authorization: 'Bearer my-guess' }
      await fetch(`http://127.0.0.1:${web.address?.port}/look`, { headers })
    }
    await web.onClose?.()
    expect(lines).toEqual([expect.stringContaining('127.0.0.1')])
    expect(lines.join()).not.toMatch(/my-guess|a-token/)
  })

  it('do not count when there is none', async () => {
    const { as, get } = await served()
    for (let time = 0; time < 20; time++) expect((await get('/look')).status).toBe(401)
    expect((await as(token)('/look')).status).toBe(200)
  })
})

it('a wrong token of who has cut the connection is no fault of the server', async () => {
  const access = new TokenAccess({ token })
  // The system does not tell the address of a connection that was reset before it was accepted.
  const request = { ip: undefined, headers: { authorization: 'Bearer wrong' } } as unknown as FastifyRequest
  expect(() => access.login(request, 'wrong')).toThrow(expect.objectContaining({ statusCode: 401 }))
})
