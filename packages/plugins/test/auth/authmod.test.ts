import { type Logger, silentLogger, StatusError } from '@rtmpipe/session'
import { TestServer } from '@rtmpipe/testing'
import { describe, expect, it } from 'vitest'
import { adobeResponse, type AuthmodMethod, llnwResponse } from '../../src/auth/authmod/authmod-method.ts'
import { authmodParameters } from '../../src/auth/authmod/authmod-parameters.ts'
import { Challenges } from '../../src/auth/authmod/challenges.ts'
import { answerAuthmod, authmod, type AuthmodOptions, SpentChallenges } from '../../src/auth/index.ts'
import { logLines } from './support/log-lines.ts'

const users = { studio: 's3cret', 'a@b': 'p:w', 'a%40b': 'other' }
const studio = { user: 'studio', password: 's3cret' }

function serverFor(options: Partial<AuthmodOptions> = {}, log: Logger = silentLogger): TestServer {
  return new TestServer({ plugins: [authmod({ users, ...options })], log })
}

/** Why a server refuses `connect`. */
async function refusal(server: TestServer, app: string, properties = {}): Promise<string> {
  try {
    await server.connect(app, { properties })
  } catch (error) {
    expect(error).toBeInstanceOf(StatusError)
    expect(error).toMatchObject({ statusCode: 'NetConnection.Connect.Rejected' })
    return (error as StatusError).description
  }
  return 'accepted'
}

/** Connects as often as it takes. Resolves with what the server said each time. */
async function login(server: TestServer, credentials: typeof studio, app = 'live'): Promise<readonly string[]> {
  const said: string[] = []
  let query = ''
  for (let attempt = 0; attempt < 4; attempt += 1) {
    const description = await refusal(server, `${app}${query}`)
    said.push(description)
    const answer = answerAuthmod(description, credentials, app)
    if (answer === undefined) break
    query = `?${answer}`
  }
  return said
}

describe('responses', () => {
  it('are what md5sum and base64 make of them', () => {
    expect(adobeResponse(studio, { salt: 'abcd1234', challenge: '0pAqUe' }, '00c0ffee')).toBe(
      'VRonKgR/KI5q9H+4gsnUmA==',
    )
    const question = { nonce: 'n0nce', nc: '00000001', cnonce: 'deadbeef' }
    expect(llnwResponse(studio, 'live', question)).toBe('eb125e1900008c5b6e939664cd518546')
    expect(llnwResponse(studio, 'live/room', question)).toBe('4a5739d9f07deaadb30b52e322d658e8')
  })
})

describe('authmodParameters', () => {
  it('takes them as they were sent, from behind whatever query', () => {
    expect([...authmodParameters('live?authmod=adobe&user=a%40b&response=a+b/c==')]).toEqual([
      ['authmod', 'adobe'],
      ['user', 'a%40b'],
      ['response', 'a+b/c=='],
    ])
    expect(authmodParameters('live?x=1?authmod=adobe&user=u').get('user')).toBe('u')
    expect(authmodParameters('live?x=1&authmod=adobe&user=u').get('user')).toBe('u')
    expect(authmodParameters('live?user=u').get('user')).toBeUndefined()
  })
})

const secret = 'sixteen letters, or more'

describe('Challenges', () => {
  it('are known again by whoever has the secret, in time', () => {
    let now = 1_000
    const [one, same, other] = [secret, secret, `${secret}!`].map(
      given => new Challenges({ timeout: 500, secret: given }, () => now),
    )
    const challenge = one?.issue()
    expect(challenge?.end).toBe(1_500)
    expect(same?.find(challenge?.id ?? '')).toEqual(challenge)
    expect(other?.find(challenge?.id ?? '')).toBeUndefined()
    now = 1_499
    expect(same?.find(challenge?.id ?? '')).toEqual(challenge)
    now = 1_500
    expect(same?.find(challenge?.id ?? '')).toBeUndefined()
  })

  it('are no longer good when somebody has given them more time, or has made them up', () => {
    const challenges = new Challenges({ timeout: 500, secret }, () => 1_000)
    const { id } = challenges.issue()
    const bytes = Buffer.from(id, 'base64url')
    for (let at = 0; at < bytes.length; at += 1) {
      const forged = Buffer.from(bytes)
      forged[at] = (forged[at] ?? 0) ^ 1
      expect(challenges.find(forged.toString('base64url'))).toBeUndefined()
    }
    const others = ['', id.slice(1), `${id}A`, `!${id.slice(1)}`, '!'.repeat(id.length), '\u{1f600}'.repeat(20)]
    for (const other of others) expect(challenges.find(other)).toBeUndefined()
    expect(challenges.find(id)).toBeDefined()
    // Of a server that gave more time, or whose clock was ahead.
    expect(challenges.find(new Challenges({ timeout: 5_000, secret }, () => 1_000).issue().id)).toBeUndefined()
  })

  it('are never the same', () => {
    const challenges = new Challenges({ timeout: 500, secret }, () => 1_000)
    const issued = Array.from({ length: 5 }, () => challenges.issue())
    expect(new Set(issued.flatMap(({ id, salt }) => [id, salt])).size).toBe(10)
  })
})

describe('SpentChallenges', () => {
  it('tell what was answered before', () => {
    const spent = new SpentChallenges(() => 0)
    expect(['a', 'b', 'a', 'b'].map(id => spent.spend(id, 1_000, 10))).toEqual([true, true, false, false])
  })

  it('do not grow in number: those that are as old as the forgotten count as answered', () => {
    const spent = new SpentChallenges(() => 0)
    for (let end = 1; end <= 5; end += 1) expect(spent.spend(`at ${end}`, end, 3)).toBe(true)
    expect(spent.size).toBe(3)
    for (let end = 1; end <= 5; end += 1) expect(spent.spend(`at ${end}`, end, 3)).toBe(false)
    expect(spent.spend('late', 2, 3)).toBe(false)
    expect(spent.spend('in time', 3, 3)).toBe(true)
  })

  it('forget what is too old when another is answered', () => {
    let now = 0
    const spent = new SpentChallenges(() => now)
    spent.spend('a', 1_000, 10)
    now = 1_000
    spent.spend('b', 2_000, 10)
    expect(spent.size).toBe(1)
  })
})

describe.each<AuthmodMethod>(['adobe', 'llnw'])('authmod, %s', method => {
  it('asks who it is, challenges, and lets in who knows the password', async () => {
    await using server = serverFor({ method })
    const [first, second, third] = await login(server, studio)
    expect(first).toBe(`[ AccessManager.Reject ] : [ code=403 need auth; authmod=${method} ] : `)
    const id = '[\\w-]{40}'
    const question = method === 'adobe' ? `salt=[\\w-]{8}&challenge=${id}&opaque=${id}` : `nonce=${id}`
    expect(second).toMatch(
      new RegExp(
        `^\\[ AccessManager.Reject \\] : \\[ authmod=${method} \\] : \\?reason=needauth&user=studio&${question}$`,
      ),
    )
    expect(third).toBe('accepted')
  })

  it.each([
    [{ user: 'studio', password: 'wrong' }],
    [{ user: 'nobody', password: 's3cret' }],
    [{ user: 'nobody', password: '' }],
    [{ user: 'constructor', password: '' }],
    [{ user: '__proto__', password: 's3cret' }],
  ])('does not let in %j, nor tell what is wrong with it', async credentials => {
    await using server = serverFor({ method })
    const said = await login(server, credentials)
    expect(said).toHaveLength(3)
    expect(said[2]).toBe(`[ AccessManager.Reject ] : [ authmod=${method} ] : ?reason=authfailed`)
  })

  it.each([
    'p@s:s/w%d? é$',
    'p@s:s%2Fw%d%3F é$',
    'p%40s:s%2Fw%25d%3F é$',
    'p%40s%3As%2Fw%25d%3F%20%C3%A9$',
    'p%40s%3As%2Fw%25d%3F%20%C3%A9%24',
    'p%40s%3as%2fw%25d%3f%20%c3%a9%24',
  ])('lets in who hashes the password as it stands in a URL: %s', async password => {
    await using server = serverFor({ method, users: { studio: 'p@s:s/w%d? é$', other: 'p@s:s' } })
    expect((await login(server, { user: 'studio', password })).at(-1)).toBe('accepted')
    expect((await login(server, { user: 'other', password })).at(-1)).toContain('authfailed')
  })

  it('does not take a password for what is meant by it', async () => {
    await using server = serverFor({ method, users: { studio: 'p%40ss' } })
    expect((await login(server, { user: 'studio', password: 'p@ss' })).at(-1)).toContain('authfailed')
  })

  it('takes an answer only once, and not for another challenge', async () => {
    await using server = serverFor({ method })
    const challenge = await refusal(server, `live?authmod=${method}&user=studio`)
    const answer = answerAuthmod(challenge, studio, 'live') ?? ''
    const other = await refusal(server, `live?authmod=${method}&user=studio`)
    const id = (text: string) => /(?:opaque|nonce)=([\w-]+)/.exec(text)?.[1] ?? ''
    expect(await refusal(server, `live?${answer.replace(id(challenge), id(other))}`)).toContain('authfailed')
    expect(await refusal(server, `live?${answer}`)).toBe('accepted')
    expect(await refusal(server, `live?${answer}`)).toContain('needauth')
  })

  it('asks a client anew that comes back with the answer of last time', async () => {
    await using server = serverFor({ method })
    const answer = answerAuthmod(await refusal(server, `live?authmod=${method}&user=studio`), studio, 'live') ?? ''
    const [client, said] = [await server.connect(`live?${answer}`), await refusal(server, `live?${answer}`)]
    await client.close()
    expect(await refusal(server, `live?${answerAuthmod(said, studio, 'live')}`)).toBe('accepted')
    // Or from the beginning, as encoders do.
    expect((await login(server, studio)).at(-1)).toBe('accepted')
  })

  it('takes no answer to a question that was never asked', async () => {
    await using server = serverFor({ method })
    const ours = `authmod=${method} ?reason=needauth&user=studio&salt=&challenge=&nonce=`
    expect(await refusal(server, `live?${answerAuthmod(ours, studio, 'live')}`)).toContain('needauth')
  })

  it('takes an answer at any process with the same secret, once at each, or once at all that share what is spent', async () => {
    const spent = new SpentChallenges()
    const together = { method, secret, spend: spent.spend.bind(spent) }
    await using one = serverFor(together)
    await using two = serverFor(together)
    await using alone = serverFor({ method, secret })
    await using stranger = serverFor({ method })
    const question = await refusal(one, `live?authmod=${method}&user=studio`)
    const answer = `live?${answerAuthmod(question, studio, 'live')}`
    expect(await refusal(stranger, answer)).toContain('needauth')
    expect(await refusal(two, answer)).toBe('accepted')
    expect(await refusal(one, answer)).toContain('needauth')
    expect(await refusal(two, answer)).toContain('needauth')
    expect(await refusal(alone, answer)).toBe('accepted')
    expect(await refusal(alone, answer)).toContain('needauth')
  })

  it('asks a function for the password, with a signal that ends with the client', async () => {
    const asked: [string, boolean][] = []
    const find = async (name: string, signal: AbortSignal) => {
      asked.push([name, signal.aborted])
      return name === 'studio' ? 's3cret' : undefined
    }
    await using server = serverFor({ method, users: find })
    expect((await login(server, studio)).at(-1)).toBe('accepted')
    expect((await login(server, { user: 'other', password: 's3cret' })).at(-1)).toContain('authfailed')
    expect(asked).toEqual([
      ['studio', false],
      ['other', false],
    ])
  })

  it('keeps passwords and answers out of the log', async () => {
    const lines: string[] = []
    await using server = serverFor({ method }, logLines(lines))
    await login(server, studio)
    await login(server, { user: 'studio', password: 'wr0ng' })
    expect(lines.filter(line => line.includes('connect refused'))).toHaveLength(5)
    expect(lines.filter(line => line.includes('?reason=needauth&…'))).toHaveLength(2)
    expect(lines.filter(line => /s3cret|wr0ng|response|opaque|nonce/.test(line))).toEqual([])
  })
})

describe('authmod', () => {
  it('refuses a secret that is too short', () => {
    expect(() => authmod({ users, secret: 'fifteen letters' })).toThrow('at least 16 characters')
    expect(() => authmod({ users, secret: '' })).toThrow(TypeError)
  })

  it('reads what clients put behind other queries, in app or only in tcUrl', async () => {
    await using server = serverFor()
    expect(await refusal(server, 'live?x=1?authmod=adobe&user=studio')).toContain('needauth')
    await expect(server.connect('live', { tcUrl: 'rtmp://host/live?authmod=adobe&user=studio' })).rejects.toMatchObject(
      { description: expect.stringContaining('needauth') as string },
    )
  })

  it('takes the raw base64 of some clients and the escaped one of others', async () => {
    await using server = serverFor()
    let raws = 0
    for (let round = 0; round < 4 || raws === 0; round += 1) {
      const challenge = await refusal(server, 'live?authmod=adobe&user=studio')
      const escaped = answerAuthmod(challenge, studio, 'live') ?? ''
      const raw = decodeURIComponent(escaped)
      expect(await refusal(server, `live?${round % 2 === 0 ? raw : escaped}`)).toBe('accepted')
      // Go on until a plus has come through, which a form would have made a blank.
      if (round % 2 === 0 && raw.includes('+')) raws += 1
    }
  })

  it('hashes names with percent signs either way', async () => {
    await using server = serverFor()
    const description = await refusal(server, 'live?authmod=adobe&user=a%40b')
    const [, salt = '', id = ''] = /salt=([\w-]+)&challenge=([\w-]+)/.exec(description) ?? []
    const response = adobeResponse({ user: 'a%40b', password: 'p:w' }, { salt, challenge: id }, 'x')
    const answer = `live?authmod=adobe&user=a%40b&challenge=x&response=${response}&opaque=${id}`
    expect(await refusal(server, answer)).toBe('accepted')
    expect((await login(server, { user: 'a@b', password: 'p:w' })).at(-1)).toBe('accepted')
  })

  it.each(['', 'a=b', 'a b', 'a[b', 'a?b', 'x'.repeat(65)])('takes %j for no name at all', async user => {
    await using server = serverFor()
    expect(await refusal(server, `live?authmod=adobe&user=${user}`)).toContain('code=403 need auth')
  })

  it('stays below the length that FFmpeg has for a description', async () => {
    await using server = serverFor()
    const description = await refusal(server, `live?authmod=adobe&user=${'x'.repeat(64)}`)
    expect(description).toContain('needauth')
    expect(description.length).toBeLessThan(256)
  })

  it('lets players in to play, where only publishers must log in', async () => {
    await using server = serverFor({ actions: ['publish'] })
    const player = await server.connect('live', { properties: { fpad: false, capabilities: 15 } })
    await player.play('name')
    await expect(player.publish('name')).rejects.toMatchObject({
      statusCode: 'NetStream.Publish.Denied',
      description: 'name and password are needed',
    })
    expect(await refusal(server, 'live')).toContain('code=403 need auth')
    expect((await login(server, studio)).at(-1)).toBe('accepted')
    await server.clients.at(-1)?.publish('name')
  })

  it('lets nobody in while passwords cannot be looked up', async () => {
    const down = () => Promise.reject(new Error('the database is down'))
    await using server = serverFor({ users: down })
    const challenge = await refusal(server, 'live?authmod=adobe&user=studio')
    const connecting = server.connect(`live?${answerAuthmod(challenge, studio, 'live')}`)
    await expect(connecting).rejects.toMatchObject({ statusCode: 'NetConnection.Connect.Failed' })
  })

  it('lets only the client wait whose password is being looked for', async () => {
    let answer: (password: string) => void = () => {}
    const slow = new Promise<string>(resolve => {
      answer = resolve
    })
    let asked: () => void = () => {}
    const isAsked = new Promise<void>(resolve => {
      asked = resolve
    })
    const find = (name: string) => {
      if (name !== 'slow') return 's3cret'
      asked()
      return slow
    }
    await using server = serverFor({ users: find })
    let done = false
    const waiting = login(server, { user: 'slow', password: 's3cret' }).finally(() => {
      done = true
    })
    await isAsked
    for (let other = 0; other < 3; other += 1) expect((await login(server, studio)).at(-1)).toBe('accepted')
    expect(done).toBe(false)
    answer('s3cret')
    expect((await waiting).at(-1)).toBe('accepted')
  })
})

describe('answerAuthmod', () => {
  it('uses the challenge where a server sends no opaque', () => {
    const description = 'authmod=adobe ?reason=needauth&user=studio&salt=abcd1234&challenge=0pAqUe'
    const answer = new URLSearchParams(answerAuthmod(description, studio, 'live'))
    const expected = adobeResponse(studio, { salt: 'abcd1234', challenge: '0pAqUe' }, answer.get('challenge') ?? '')
    expect(Object.fromEntries(answer)).toEqual({
      authmod: 'adobe',
      user: 'studio',
      challenge: expect.stringMatching(/^[0-9a-f]{8}$/) as string,
      response: expected,
    })
  })

  it.each([
    'no',
    '[ AccessManager.Reject ] : [ authmod=adobe ] : ?reason=authfailed&opaque=x',
    '[ AccessManager.Reject ] : [ authmod=adobe ] : ?reason=nosuchuser&opaque=x',
    '[ AccessManager.Reject ] : [ code=403 need auth; authmod=other ] : ',
  ])('has no answer to %s', description => {
    expect(answerAuthmod(description, studio, 'live')).toBeUndefined()
  })
})
