import { once } from 'node:events'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { guarded, health, type Mount } from '../src/index.ts'
import { rawAnswer, rawSocket, statusOf } from './support/raw-http.ts'
import { doors, type Served, served, token } from './support/served.ts'

const mount: readonly Mount[] = [health(), guarded(doors, { login: true })]
const json = { 'content-type': 'application/json' }

/** A house that has more than doors: what reaches it may take any of the ways there are. */
async function target(options = {}): Promise<Served> {
  return served({ mount, ...options })
}

describe('paths', () => {
  it.each([
    '/look/',
    '/look//',
    '//look',
    '/./look',
    '/health/../look',
    '/health/%2e%2e/look',
    '/%6c%6f%6f%6b',
    '/look%00',
    '/look%2f',
    '/LOOK',
    '/look;x=1',
    '/look?token=' + token,
    '/look?access_token=' + token,
    '/look#' + token,
    '/admin/../look',
    '/..%2f..%2fetc/passwd',
    '/..\\..\\etc\\passwd',
    '/%c0%ae%c0%ae/etc/passwd',
    '/.git/config',
    '/admin-token',
    '/__proto__',
    '/constructor',
    '/look/__proto__',
    '*',
    'look',
    'http://127.0.0.1/look',
    'http://user:word@127.0.0.1/look',
    '/\u00e9',
  ])('%s opens nothing', async path => {
    const { port } = await target()
    const answer = await rawAnswer(port, `GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`)
    expect([400, 401, 404], answer).toContain(statusOf(answer))
    expect(answer).not.toMatch(/looked|root:|Error:|node_modules/)
  })

  it('that are too long are refused before they are looked at', async () => {
    const { port } = await target()
    const answer = await rawAnswer(port, `GET /${'x'.repeat(9_000)} HTTP/1.1\r\nHost: x\r\n\r\n`)
    expect(statusOf(answer)).toBe(431)
  })

  it('do not get into headers', async () => {
    const { port } = await target()
    for (const path of ['/x%0d%0aSet-Cookie:%20a=b', '/look%0d%0aX-Injected:%201', '/%0aX-Injected:1']) {
      const answer = await rawAnswer(port, `GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`)
      expect(answer).not.toMatch(/^(set-cookie|x-injected):/im)
      expect(answer).not.toContain('Injected')
    }
  })
})

describe('methods', () => {
  it.each(['TRACE', 'CONNECT', 'OPTIONS', 'PUT', 'PROPFIND', 'LINK', 'M-SEARCH', 'get', 'G\tET', 'GETX'])(
    '%s is answered, and does nothing',
    async method => {
      const { port } = await target()
      const answer = await rawAnswer(port, `${method} /change HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`)
      // Node itself closes the connection of a CONNECT.
      expect([0, 400, 404]).toContain(statusOf(answer))
      expect(answer).not.toMatch(/changed|access-control|^allow:/im)
    },
  )

  it('can not be others by a header', async () => {
    const { get } = await target()
    const headers = { 'x-http-method-override': 'POST', 'x-method-override': 'POST', authorization: `Bearer ${token}` }
    expect((await get('/change', { headers })).status).toBe(404)
  })
})

describe('bodies', () => {
  it.each([
    ['text', { 'content-type': 'text/plain' }, 'hello', 415],
    ['a form', { 'content-type': 'application/x-www-form-urlencoded' }, 'token=x', 415],
    ['no JSON', json, '{', 400],
    ['nothing', json, '', 400],
    ['JSON with a prototype', json, '{"__proto__":{"isAdmin":true}}', 400],
    ['JSON with a constructor', json, '{"constructor":{"prototype":{"isAdmin":true}}}', 400],
    ['too much', json, `"${'x'.repeat(70_000)}"`, 413],
    ['a deep one', json, '['.repeat(30_000), 400],
    ['no known type', { 'content-type': 'application/json+x' }, '{}', 415],
    ['no type', { 'content-type': '' }, '{}', 415],
  ])('of %s get %j', async (_what, headers, body, status) => {
    const { as } = await target()
    const answer = await as(token)('/change', { method: 'POST', headers, body: Buffer.from(body) })
    expect(answer.status).toBe(status)
    expect(answer.headers.get('content-type')).toContain('application/problem+json')
    expect(({} as { isAdmin?: boolean }).isAdmin).toBeUndefined()
  })

  it('of who has no token are not read', async () => {
    const { port } = await target()
    const socket = await rawSocket(port)
    const head = 'POST /change HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 1000000\r\n\r\n'
    socket.write(head)
    const [answer] = (await once(socket, 'data')) as [Buffer]
    expect(statusOf(answer.toString('latin1'))).toBe(401)
  })

  it('for what is not there are not read either', async () => {
    const { port } = await target()
    const head = 'POST /nothing HTTP/1.1\r\nHost: x\r\nContent-Type: x/y\r\nTransfer-Encoding: chunked\r\n\r\nffff\r\n'
    const answer = await rawAnswer(port, head)
    expect(statusOf(answer)).toBe(404)
    expect(answer).toMatch(/^connection: close/im)
  })

  it.each([
    ['two lengths', 'Content-Length: 2\r\nContent-Length: 3\r\n'],
    ['a length and chunks', 'Content-Length: 2\r\nTransfer-Encoding: chunked\r\n'],
    ['chunks in a strange way', 'Transfer-Encoding: xchunked\r\n'],
    ['a folded header', 'X: a\r\n b\r\nContent-Length : 2\r\n'],
  ])('with %s smuggle nothing', async (_what, headers) => {
    const { port } = await target()
    const inner = 'GET /open HTTP/1.1\r\nHost: x\r\n\r\n'
    const answer = await rawAnswer(port, `POST /change HTTP/1.1\r\nHost: x\r\n${headers}\r\n0\r\n\r\n${inner}`)
    expect(statusOf(answer)).toBe(400)
    expect(answer).not.toContain('"open"')
  })
})

describe('headers', () => {
  it('of a proxy that nobody named do not make another address', async () => {
    const { get } = await target()
    const tries: number[] = []
    for (let time = 0; time < 12; time++) {
      const headers = {
        authorization: 'Bearer guess',
        'x-forwarded-for': `192.0.2.${time}`,
        forwarded: `for=192.0.2.${time}`,
      }
      tries.push((await get('/look', { headers })).status)
    }
    expect(tries).toEqual([...Array(10).fill(401), 429, 429])
  })

  it('that come twice do not let in', async () => {
    const { port } = await target()
    const request = `GET /look HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: Bearer wrong\r\nAuthorization: Bearer ${token}\r\n\r\n`
    expect(statusOf(await rawAnswer(port, request))).toBe(401)
  })

  it('are fifty and 8 KiB at most', async () => {
    const { port } = await target()
    const many = Array.from({ length: 60 }, (_, index) => `X-${index}: 1\r\n`).join('')
    const late = `GET /look HTTP/1.1\r\nHost: x\r\nConnection: close\r\n${many}Authorization: Bearer ${token}\r\n\r\n`
    expect(statusOf(await rawAnswer(port, late))).toBe(401)
    const long = `GET /look HTTP/1.1\r\nHost: x\r\nCookie: ${'a=b;'.repeat(2_500)}\r\n\r\n`
    expect(statusOf(await rawAnswer(port, long))).toBe(431)
  })

  it('are asked for: without a Host there is no answer but 400', async () => {
    const { port } = await target()
    expect(statusOf(await rawAnswer(port, 'GET /open HTTP/1.1\r\nConnection: close\r\n\r\n'))).toBe(400)
  })
})

describe('floods', () => {
  it('of wrong tokens concern their address alone, and cost little', async () => {
    const { get, as } = await target()
    const statuses = await Promise.all(Array.from({ length: 500 }, async () => (await as('wrong')('/look')).status))
    expect(statuses.filter(status => status === 401)).toHaveLength(10)
    expect(statuses.filter(status => status === 429)).toHaveLength(490)
    expect((await get('/health')).status).toBe(200)
    expect((await get('/open')).status).toBe(200)
  })

  it('of log-ins keep a hundred sessions', async () => {
    const { get } = await target()
    const body = JSON.stringify({ token })
    const cookies: string[] = []
    for (let time = 0; time < 110; time++) {
      const answer = await get('/admin/login', { method: 'POST', headers: json, body })
      cookies.push(answer.headers.get('set-cookie')?.split(';')[0] ?? '')
    }
    const known = await Promise.all(cookies.map(async cookie => (await get('/look', { headers: { cookie } })).status))
    expect(known).toEqual([...Array(10).fill(401), ...Array(100).fill(200)])
  })

  it('of connections from one address leave room for others', async () => {
    const { port, get } = await target({ maxConnectionsPerAddress: 5 })
    const sockets = await Promise.all(Array.from({ length: 5 }, () => rawSocket(port)))
    const more = await rawSocket(port)
    await once(more.resume(), 'close')
    for (const socket of sockets) socket.destroy()
    await Promise.all(sockets.map(async socket => socket.closed || (await once(socket, 'close'))))
    // The server hears of it a moment later.
    let status = 0
    while (status !== 200)
      status = await get('/health').then(
        answer => answer.status,
        () => 0,
      )
  })

  it('of heads that never end are closed', async () => {
    const { port, get } = await target({ headersTimeout: 50 })
    const slow = await Promise.all(Array.from({ length: 20 }, () => rawSocket(port)))
    for (const socket of slow) socket.write('GET /open HTTP/1.1\r\nHost: x\r\nX-')
    await Promise.all(slow.map(socket => once(socket.resume(), 'close')))
    expect((await get('/open')).status).toBe(200)
  })
})

it('anything that might come over a connection does no harm', async () => {
  const { port, get, as } = await target()
  const sane = `POST /change HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer x\r\nCookie: rtmpipe=x\r\nX-CSRF-Token: x\r\nOrigin: http://x\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}`
  const corrupted = fc
    .tuple(fc.nat(sane.length - 1), fc.string({ unit: 'binary-ascii', maxLength: 8 }))
    .map(([at, junk]) => sane.slice(0, at) + junk + sane.slice(at + junk.length))
  await fc.assert(
    fc.asyncProperty(fc.oneof(corrupted, fc.string({ unit: 'binary-ascii', maxLength: 300 })), async bytes => {
      expect(await rawAnswer(port, bytes)).not.toMatch(/changed|looked/)
    }),
    { numRuns: 100 },
  )
  expect((await get('/health')).status).toBe(200)
  expect([200, 429]).toContain((await as(token)('/look')).status)
})
