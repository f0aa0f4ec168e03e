import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { describe, expect, it, onTestFinished } from 'vitest'
import { callbackFindings } from '../../../src/commands/doctor/callbacks.ts'
import { inTime } from '../../../src/commands/doctor/in-time.ts'
import { relayFindings } from '../../../src/commands/doctor/relays.ts'
import { freePort } from '../../support/command.ts'
import { config } from './config.ts'

describe('relays', () => {
  it('have names with addresses, and are told without user, password and key', async () => {
    const to = [
      'rtmp://user:secret@localhost/live?key=secret',
      'rtmps://127.0.0.1:1936/live',
      'rtmp://nowhere.invalid/live',
    ]
    const from = 'rtmp://[::1]/{app}/{stream}'
    const findings = await relayFindings(config({ relay: { push: { to }, pull: { from } } }))
    expect(findings.map(({ level, text }) => `${level}: ${text}`)).toEqual([
      expect.stringMatching(/^fine: localhost is (127\.0\.0\.1|::1)/),
      'fine: 127.0.0.1 is 127.0.0.1',
      expect.stringMatching(/^problem: nowhere\.invalid has no address: E/),
      'fine: ::1 is ::1',
    ])
    expect(JSON.stringify(findings)).not.toContain('secret')
  })

  it('behind a proxy have addresses only there: it is the proxy that is looked for', async () => {
    const push = { to: ['rtmp://nowhere.invalid/live'], proxy: 'socks5h://anna:secret@127.0.0.1:1080' }
    const findings = await relayFindings(config({ relay: { push } }))
    expect(findings).toEqual([{ check: 'relay', level: 'fine', text: '127.0.0.1 is 127.0.0.1' }])
  })

  it('may be none', async () => expect(await relayFindings(config())).toEqual([]))
})

describe('callbacks', () => {
  it('can be reached, or not', async () => {
    let connections = 0
    const server = createServer(socket => {
      connections += 1
      socket.on('data', () => expect.fail('nothing must be asked')).on('error', () => {})
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    onTestFinished(() => void server.close())
    const { port } = server.address() as AddressInfo
    const url = `http://user:secret@127.0.0.1:${port}/ask?key=secret`
    const closed = `http://127.0.0.1:${await freePort()}/ask`
    const findings = await callbackFindings(
      config({ auth: { httpCallback: { url: { connect: url, play: [url, closed] }, secret: 'http://secret' } } }),
    )
    expect(findings).toEqual([
      { check: 'callback', level: 'fine', text: `http://127.0.0.1:${port} can be reached` },
      expect.objectContaining({
        level: 'problem',
        text: expect.stringMatching(/can't be reached: ECONNREFUSED$/),
        advice: expect.any(String),
      }),
    ])
    expect(connections).toBe(1)
    expect(JSON.stringify(findings)).not.toContain('secret')
  })

  it('are key sets too', async () => {
    const port = await freePort()
    const findings = await callbackFindings(
      config({ auth: { jwt: { key: { jwks: `https://127.0.0.1:${port}/keys` } } } }),
    )
    expect(findings).toMatchObject([{ level: 'problem', text: expect.stringContaining(`https://127.0.0.1:${port}`) }])
  })
})

describe('inTime()', () => {
  it('waits no longer', async () => {
    await expect(inTime(new Promise(() => {}), 5)).rejects.toMatchObject({ code: 'ETIMEDOUT' })
    expect(await inTime(Promise.resolve(1), 5)).toBe(1)
  })
})
