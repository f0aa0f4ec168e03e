import { writeFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { addressText, parseServers, ServerList } from '../../src/nats/addresses.ts'
import { authenticatorOf } from '../../src/nats/login.ts'
import { checkOptions } from '../../src/nats/options.ts'
import { checkServer, losesRaces, parseServerInfo } from '../../src/nats/server-check.ts'
import { TemporaryFolder } from '../../../../test/support/temporary-folder.ts'

describe('parseServers', () => {
  it.each([
    ['nats://localhost', ['localhost:4222'], {}],
    ['10.0.0.1, nats://host:80,tls://[::1]:4333/', ['10.0.0.1:4222', 'host:80', '[::1]:4333'], {}],
    ['nats://me:p%40ss@host,nats://me:p%40ss@other', ['host:4222', 'other:4222'], { user: 'me', password: 'p@ss' }],
    ['nats://secret@host', ['host:4222'], { token: 'secret' }],
  ])('reads %s', (text, addresses, login) => {
    const parsed = parseServers(text)
    expect(parsed.addresses.map(addressText)).toEqual(addresses)
    expect(parsed.login).toEqual(login)
  })

  it.each(['', 'http://me:secret@host', 'ws://host', 'nats://', 'nats://me:secret@host/path', 'nats://host:99999'])(
    'refuses %j, and does not repeat it',
    text => {
      expect(() => parseServers(text)).toThrow(/^NATS server 1 is no address like nats:\/\/host:4222/)
    },
  )

  it('says what to do about a % in a password, and does not repeat it', () => {
    const text = 'nats://me:50%ecret@host'
    expect(() => parseServers(text)).toThrow(/^in the user or password of NATS server 1 there is a %/)
    expect(() => parseServers(text)).not.toThrow('ecret')
  })

  it('refuses two logins', () => {
    expect(() => parseServers(['nats://a:secret@host', 'nats://b:secret@other'])).toThrow('the same user and password')
  })
})

describe('ServerList', () => {
  it('tries the one that was left last, and those that servers tell of behind the named ones', () => {
    const { addresses } = parseServers('a,b,c')
    const list = new ServerList(addresses, 0.4)
    expect(list.all.map(addressText)).toEqual(['b:4222', 'c:4222', 'a:4222'])
    list.discover(['a:4222', '10.0.0.1:4222', '[fe80::1]:4222', 'nonsense'], addresses[1] as (typeof addresses)[0])
    expect(list.after(addresses[2]).map(addressText)).toEqual([
      'a:4222',
      '10.0.0.1:4222',
      '[fe80::1]:4222',
      'b:4222',
      'c:4222',
    ])
    expect(list.all[3]).toMatchObject({ tlsName: 'b' })
  })
})

describe('parseServerInfo', () => {
  it('reads what a server says first, and nothing else', () => {
    const line = 'INFO {"version":"2.10.27","max_payload":1048576,"auth_required":true,"tls_available":true} '
    expect(parseServerInfo(line)).toEqual({ version: '2.10.27', maxPayload: 1048576, needsLogin: true, hasTls: true })
    for (const other of ['', 'HTTP/1.1 400 Bad Request', 'INFO {', 'INFO {"version":2}'])
      expect(parseServerInfo(other)).toBeUndefined()
  })
})

describe('checkServer', () => {
  const [here, there] = parseServers('127.0.0.1,nats://10.0.0.1').addresses as [
    ReturnType<typeof parseServers>['addresses'][0],
    ReturnType<typeof parseServers>['addresses'][0],
  ]
  const info = { version: '2.10.27', maxPayload: 1_048_576, needsLogin: true, hasTls: false }

  it('takes one that asks who we are, and one of this machine that does not', () => {
    expect(() => checkServer(there, info, 3)).not.toThrow()
    expect(() => checkServer(here, { ...info, needsLogin: false }, 1)).not.toThrow()
    expect(() => checkServer(here, { ...info, version: '2.9.10' }, 1)).not.toThrow()
  })

  it('refuses one that lets everybody in, has no TLS where that is asked for, takes too little, or is too old', () => {
    expect(() => checkServer(there, { ...info, needsLogin: false }, 1)).toThrow(
      'the NATS server at 10.0.0.1:4222 lets everybody in: set up users',
    )
    expect(() => checkServer({ ...here, needsTls: true }, info, 1)).toThrow('has no TLS')
    expect(() => checkServer(here, { ...info, maxPayload: 65_536 }, 1)).toThrow('set max_payload to 1MB')
    expect(() => checkServer(here, { ...info, version: '2.9.10' }, 3)).toThrow('is 2.9.10, and servers before 2.10')
  })

  it.each([
    ['2.9.25', true],
    ['2.10.0', false],
    ['2.15.1', false],
    ['3.0.0', false],
    ['1.4.1', true],
    ['unknown', true],
  ])('knows whether %s loses races', (version, loses) => {
    expect(losesRaces(version)).toBe(loses)
  })
})

describe('checkOptions', () => {
  it('wants a secret, unless all servers are on this machine', () => {
    expect(() => checkOptions({ servers: 'nats://10.0.0.1' })).toThrow('give the cluster a secret')
    expect(() => checkOptions({ servers: 'nats://10.0.0.1', secret: 'short' })).toThrow('16 characters at least')
    expect(checkOptions({ servers: 'nats://localhost' }).secret).not.toBe('')
    expect(checkOptions({ servers: '10.0.0.1', secret: 'x'.repeat(16), mediaConnections: 4 })).toMatchObject({
      mediaConnections: 4,
      secret: 'x'.repeat(16),
    })
    expect(() => checkOptions({ servers: 'localhost', mediaConnections: 5 })).toThrow('1 to 4')
  })
})

describe('authenticatorOf', () => {
  it('takes files of both kinds, and tells of others only where they are', async () => {
    await using folder = await TemporaryFolder.create()
    const [seed, other] = [folder.file('node.nk'), folder.file('other')]
    // Of an NKey that nobody uses.
    await writeFile(seed, `# node\nSUAMLK2ZNL35WSMW37E7UD4VZ7ELPKW7DHC3BWBSD2GCZ7IUQQXZIORRBU\n`)
    await writeFile(other, 'hunter2')
    expect(authenticatorOf(seed, {})?.('nonce')).toMatchObject({
      nkey: expect.stringMatching(/^U[A-Z2-7]{55}$/),
      sig: expect.stringMatching(/^[\w+/]{86}==$/),
    })
    expect(() => authenticatorOf(other, {})).toThrow(`${other} holds no NATS credentials`)
    expect(() => authenticatorOf(folder.file('none'), {})).toThrow('ENOENT')
    expect(authenticatorOf(undefined, {})).toBeUndefined()
  })
})
