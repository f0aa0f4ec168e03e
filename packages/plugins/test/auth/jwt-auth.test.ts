import { generateKeyPairSync, type KeyObject } from 'node:crypto'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type Plugin, silentLogger } from '@rtmpipe/session'
import { TestServer } from '@rtmpipe/testing'
import { exportJWK, type JWTPayload, SignJWT } from 'jose'
import { describe, expect, it, vi } from 'vitest'
import { JwtAuth, jwtAuth, type JwtOptions } from '../../src/auth/index.ts'
import { isPermitted } from '../../src/auth/jwt/permissions.ts'
import { logLines } from './support/log-lines.ts'

const secret = 'a secret of at least thirty-two bytes'
const all: JWTPayload = { rtmp: { publish: '**', play: '**' } }
const denied = { statusCode: 'NetStream.Publish.Denied' }

interface Signing {
  readonly alg?: string
  readonly key?: KeyObject | Uint8Array
  readonly kid?: string
  readonly expires?: number | undefined
}

const inSeconds = (seconds: number) => Math.floor(Date.now() / 1000) + seconds

async function token(claims: JWTPayload = all, signing: Signing = {}): Promise<string> {
  const { alg = 'HS256', key = new TextEncoder().encode(secret), kid } = signing
  const jwt = new SignJWT(claims).setProtectedHeader({ alg, ...(kid !== undefined && { kid }) })
  if (!('expires' in signing)) jwt.setExpirationTime('1h')
  else if (signing.expires !== undefined) jwt.setExpirationTime(signing.expires)
  return jwt.sign(key)
}

function serverWith(options: Partial<JwtOptions> = {}): TestServer {
  return new TestServer({ plugins: [jwtAuth({ key: { secret }, ...options })] })
}

describe('isPermitted', () => {
  it.each<[string, JWTPayload, boolean]>([
    ['a pattern', { rtmp: { publish: 'live/*' } }, true],
    ['one of several', { rtmp: { publish: ['a/b', 'live/name'] } }, true],
    ['another action', { rtmp: { play: 'live/*' } }, false],
    ['another stream', { rtmp: { publish: 'live/other' } }, false],
    ['MediaMTX, whole path', { mediamtx_permissions: [{ action: 'publish', path: 'live/name' }] }, true],
    ['MediaMTX, any path', { mediamtx_permissions: [{ action: 'publish', path: '' }] }, true],
    ['MediaMTX, no path', { mediamtx_permissions: [{ action: 'publish' }] }, true],
    ['MediaMTX, another action', { mediamtx_permissions: [{ action: 'read', path: '' }] }, false],
    ['MediaMTX, another path', { mediamtx_permissions: [{ action: 'publish', path: 'live' }] }, false],
    ['MediaMTX, a regular expression', { mediamtx_permissions: [{ action: 'publish', path: '~^.*$' }] }, false],
    ['nothing', {}, false],
    ['nonsense', { rtmp: 'publish', mediamtx_permissions: { publish: true } }, false],
    ['more nonsense', { rtmp: { publish: { 0: '**' } }, mediamtx_permissions: [null, 'publish', 7] }, false],
    ['names that objects have', JSON.parse('{"__proto__": {"rtmp": {"publish": "**"}}}') as JWTPayload, false],
  ])('%s', (_what, claims, expected) => {
    expect(isPermitted(claims, 'publish', 'live/name')).toBe(expected)
  })

  it('calls playing read in mediamtx_permissions', () => {
    expect(isPermitted({ mediamtx_permissions: [{ action: 'read' }] }, 'play', 'live/name')).toBe(true)
    expect(isPermitted({ mediamtx_permissions: [{ action: 'play' }] }, 'play', 'live/name')).toBe(false)
  })
})

describe('jwtAuth', () => {
  it('lets in who has a token for it, as token or jwt, in stream name or application', async () => {
    await using server = serverWith()
    const jwt = await token({ rtmp: { publish: 'live/*', play: ['live/name'] } })
    await server.publish(`live/name?token=${jwt}`)
    await server.play(`live/name?jwt=${jwt}`)
    await (await server.connect(`live?token=${jwt}`)).publish('other')
    await expect(server.play(`live/other?token=${jwt}`)).rejects.toMatchObject({
      statusCode: 'NetStream.Play.Failed',
      description: 'this token does not allow to play here',
    })
  })

  it('says what is wrong with others', async () => {
    await using server = serverWith()
    const right = await token()
    const [header = '', , signature = ''] = right.split('.')
    const payload = Buffer.from(JSON.stringify({ ...all, exp: inSeconds(9) })).toString('base64url')
    const none = Buffer.from('{"alg":"none"}').toString('base64url')
    const cases: [string | undefined, string][] = [
      [undefined, 'a token is needed'],
      ['', 'this token is not valid'],
      ['nonsense', 'this token is not valid'],
      [`${header}.${payload}.${signature}`, 'this token is not valid'],
      [`${none}.${payload}.`, 'this token is not valid'],
      [
        await token(all, { key: new TextEncoder().encode('another secret of thirty-two bytes') }),
        'this token is not valid',
      ],
      [await token(all, { alg: 'HS512' }), 'this token is not valid'],
      [await token(all, { expires: undefined }), 'this token is not valid'],
      [await token(all, { expires: inSeconds(-60) }), 'this token has expired'],
      [await token({ ...all, nbf: inSeconds(60) }), 'this token is not valid'],
      [await token({}), 'this token does not allow to publish here'],
    ]
    for (const [jwt, description] of cases) {
      const query = jwt === undefined ? '' : `?token=${jwt}`
      await expect(server.publish(`live/name${query}`), description).rejects.toMatchObject({ ...denied, description })
    }
  })

  it('allows clocks to differ by a few seconds', async () => {
    await using server = serverWith({ clockTolerance: 60 })
    await server.publish(`live/name?token=${await token(all, { expires: inSeconds(-30) })}`)
    await expect(
      server.publish(`live/other?token=${await token(all, { expires: inSeconds(-90) })}`),
    ).rejects.toMatchObject(denied)
  })

  it('looks at issuer and audience when told to, and only at what it guards', async () => {
    await using server = serverWith({ issuer: 'us', audience: 'live', actions: ['publish'] })
    await server.play('live/name')
    await server.publish(`live/name?token=${await token({ ...all, iss: 'us', aud: ['live', 'x'] })}`)
    for (const claims of [{ iss: 'us' }, { aud: 'live' }, { iss: 'them', aud: 'live' }]) {
      await expect(server.publish(`live/other?token=${await token({ ...all, ...claims })}`)).rejects.toMatchObject(
        denied,
      )
    }
  })

  it.each([
    ['RS256', generateKeyPairSync('rsa', { modulusLength: 2048 })],
    ['PS256', generateKeyPairSync('rsa', { modulusLength: 2048 })],
    ['ES256', generateKeyPairSync('ec', { namedCurve: 'P-256' })],
    ['EdDSA', generateKeyPairSync('ed25519')],
  ])('knows %s by its public key, as PEM or an object', async (alg, { privateKey, publicKey }) => {
    const pem = publicKey.export({ type: 'spki', format: 'pem' }) as string
    const jwt = await token(all, { alg, key: privateKey })
    for (const key of [pem, publicKey]) {
      await using server = serverWith({ key: { publicKey: key } })
      await server.publish(`live/name?token=${jwt}`)
      // The public key is no secret: what is signed with it as if it were one is worth nothing.
      const forged = await token(all, { key: new TextEncoder().encode(pem) })
      await expect(server.publish(`live/other?token=${forged}`)).rejects.toMatchObject(denied)
    }
  })

  it('takes a key set as it is', async () => {
    const { privateKey, publicKey } = generateKeyPairSync('ed25519')
    const jwks = { keys: [{ ...(await exportJWK(publicKey)), kid: 'one', alg: 'EdDSA' }] }
    await using server = serverWith({ key: { jwks } })
    await server.publish(`live/name?token=${await token(all, { alg: 'EdDSA', key: privateKey, kid: 'one' })}`)
    const other = await token(all, { alg: 'EdDSA', key: privateKey, kid: 'two' })
    await expect(server.publish(`live/other?token=${other}`)).rejects.toMatchObject(denied)
  })

  it('takes no keys that are none', () => {
    expect(() => jwtAuth({ key: { secret: '' } })).toThrow(TypeError)
    expect(() => jwtAuth({ key: { publicKey: 'nonsense' } })).toThrow()
    expect(() => jwtAuth({ key: { jwks: 'nonsense' } })).toThrow('"nonsense" is not a URL')
    for (const jwks of ['http://host:25/jwks', new URL('http://host:25/jwks')])
      expect(() => jwtAuth({ key: { jwks } })).toThrow('port 25 is one of those that the Fetch standard blocks')
  })

  it('keeps tokens out of the log', async () => {
    const lines: string[] = []
    const plugins: Plugin[] = [new JwtAuth({ key: { secret } }, logLines(lines))]
    await using server = new TestServer({ plugins, log: logLines(lines) })
    const jwt = await token()
    await server.publish(`live/name?token=${jwt}`)
    await expect(server.publish(`live/other?token=${jwt}x`)).rejects.toThrow()
    expect(lines.length).toBeGreaterThan(3)
    expect(lines.filter(line => jwt.split('.').some(part => line.includes(part)) || line.includes(secret))).toEqual([])
  })
})

describe('a key set by URL', () => {
  const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const sign = (kid = 'one') => token(all, { alg: 'ES256', key: pair.privateKey, kid })

  async function keyServer(
    answer: () => Promise<{ status: number; body: string }>,
  ): Promise<{ url: string; asked: () => number; server: Server }> {
    let asked = 0
    const server = createServer((_request, response) => {
      asked += 1
      void answer().then(({ status, body }) =>
        response.writeHead(status, { 'content-type': 'application/json' }).end(body),
      )
    })
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
    return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/jwks`, asked: () => asked, server }
  }

  async function keys(): Promise<{ status: number; body: string }> {
    const jwk = { ...(await exportJWK(pair.publicKey)), kid: 'one', alg: 'ES256', use: 'sig' }
    return { status: 200, body: JSON.stringify({ keys: [jwk] }) }
  }

  it('is fetched once for many tokens, and not for every unknown key', async () => {
    const { url, asked, server: http } = await keyServer(keys)
    await using server = serverWith({ key: { jwks: url } })
    try {
      expect(asked()).toBe(0)
      await Promise.all(['a', 'b', 'c'].map(async name => server.publish(`live/${name}?token=${await sign()}`)))
      expect(asked()).toBe(1)
      for (let round = 0; round < 3; round += 1) {
        await expect(server.publish(`live/d?token=${await sign('two')}`)).rejects.toThrow('this token is not valid')
      }
      expect(asked()).toBe(1)
    } finally {
      http.closeAllConnections()
      http.close()
    }
  })

  it('lets nobody in while it cannot be had, and says so in the log', async () => {
    const lines: string[] = []
    let works = false
    const { url, server: http } = await keyServer(async () => (works ? keys() : { status: 500, body: 'down' }))
    const plugins = [new JwtAuth({ key: { jwks: url } }, logLines(lines))]
    await using server = new TestServer({ plugins, log: silentLogger })
    try {
      const description = 'the token cannot be checked at present'
      await expect(server.publish(`live/a?token=${await sign()}`)).rejects.toMatchObject({ ...denied, description })
      expect(lines).toHaveLength(1)
      expect(lines[0]).toContain('a token could not be checked')
      works = true
      await server.publish(`live/a?token=${await sign()}`)
    } finally {
      http.closeAllConnections()
      http.close()
    }
  })

  it('is fetched again for a new key, after half a minute, and forgets the old one', async () => {
    vi.useFakeTimers({ toFake: ['Date'] })
    try {
      const other = generateKeyPairSync('ec', { namedCurve: 'P-256' })
      const jwk = async (publicKey: KeyObject, kid: string) => ({ ...(await exportJWK(publicKey)), kid, alg: 'ES256' })
      let set: object[] = [await jwk(pair.publicKey, 'one')]
      let fetched = 0
      const fetch = () => {
        fetched += 1
        return Promise.resolve(Response.json({ keys: set }))
      }
      const plugin = jwtAuth({ key: { jwks: 'https://id.example/jwks' } }, silentLogger, fetch)
      await using server = new TestServer({ plugins: [plugin] })
      const signTwo = () => token(all, { alg: 'ES256', key: other.privateKey, kid: 'two' })
      await server.publish(`live/a?token=${await sign()}`)
      set = [...set, await jwk(other.publicKey, 'two')]
      await expect(server.publish(`live/b?token=${await signTwo()}`)).rejects.toThrow('this token is not valid')
      expect(fetched).toBe(1)
      vi.advanceTimersByTime(31_000)
      await server.publish(`live/b?token=${await signTwo()}`)
      await server.publish(`live/c?token=${await sign()}`)
      expect(fetched).toBe(2)
      set = set.slice(1)
      vi.advanceTimersByTime(601_000)
      await expect(server.publish(`live/d?token=${await sign()}`)).rejects.toThrow('this token is not valid')
      await server.publish(`live/d?token=${await signTwo()}`)
      expect(fetched).toBe(3)
    } finally {
      vi.useRealTimers()
    }
  })
})
