import { readFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { ServerProcess } from '../../../../test/support/server-process.ts'
import { connect } from '../../src/index.ts'

const auth = new URL('../../../../docs/auth.md', import.meta.url)

/** The filter of fail2ban that the documents show, as fail2ban uses it. */
async function filter(): Promise<(line: string) => string | undefined> {
  const [, failregex = '', ignoreregex = ''] =
    /^failregex = (.+)\nignoreregex = (.+)$/m.exec(await readFile(auth, 'utf8')) ?? []
  const [fail, ignore] = [new RegExp(failregex.replace('<ADDR>', '(?<address>[0-9a-f.:]+)')), new RegExp(ignoreregex)]
  return line => (ignore.test(line) ? undefined : fail.exec(line)?.groups?.['address'])
}

async function logOf(server: ServerProcess): Promise<readonly string[]> {
  server.program.kill('SIGTERM')
  return (await server.program.finish(0)).stderr
}

describe('a refusal', () => {
  it('is one line of the log, by which fail2ban finds who tries keys', async () => {
    await using server = await ServerProcess.start({ args: ['--publish-key', 'r1ght', '--log-level', 'debug'] })
    const lies = 'x","remote":"192.0.2.1:1","plugin":"publish-keys","msg":"publish refused"}'
    for (const name of ['cam?key=wr0ng', `${lies}?key=wr0ng`, 'a\\b?key=wr0ng']) {
      const client = await connect(`${server.urls.rtmp}/live`)
      await expect(client.publish(name)).rejects.toThrow('NetStream.Publish.')
      await client.close()
    }
    const client = await connect(`${server.urls.rtmp}/live`)
    await client.publish('cam?key=r1ght')
    await client.close()

    const log = await logOf(server)
    expect(log.filter(line => /r1ght|wr0ng/.test(line))).toEqual([])
    const refused = log.filter(line => line.includes('publish refused"}'))
    expect(refused.map(line => JSON.parse(line))).toMatchObject([
      { app: 'live', stream: 'cam', plugin: 'publish-keys', code: 'NetStream.Publish.Denied', reason: 'wrong key' },
      { stream: lies },
      { stream: 'a\\b', code: 'NetStream.Publish.BadName' },
    ])
    const addressOf = await filter()
    expect(log.map(addressOf).filter(Boolean)).toEqual(['127.0.0.1', '127.0.0.1'])
  })

  it.each([
    ['an IPv6 address', '"remote":"2001:db8::7:1935",', '"reason":"wrong key",', '2001:db8::7'],
    ['a failed login', '"remote":"192.0.2.7:1935",', '"reason":"[ authmod=adobe ] : ?reason=authfailed",', '192.0.2.7'],
    [
      'a login that begins',
      '"remote":"192.0.2.7:1935",',
      '"reason":"[ code=403 need auth; authmod=adobe ] : ",',
      undefined,
    ],
    [
      'a login that goes on',
      '"remote":"192.0.2.7:1935",',
      '"reason":"[ authmod=adobe ] : ?reason=needauth&…",',
      undefined,
    ],
  ])('of %s is found by its address, or is none', async (_what, remote, reason, address) => {
    const line = `{"level":30,${remote}"app":"live","plugin":"authmod","code":"x",${reason}"msg":"connect refused"}`
    expect((await filter())(line)).toBe(address)
  })
})
