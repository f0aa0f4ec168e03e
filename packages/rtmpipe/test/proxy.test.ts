import { once } from 'node:events'
import { createServer } from 'node:net'
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest'
import { FakeProxy } from '../../net/test/support/fake-proxy.ts'
import { connect, tcp } from '../src/index.ts'
import { rtmpipe } from './support/command.ts'

const login = { user: 'anna', password: 'se:cret' }
const account = 'anna:se%3Acret@'

/** Like a shell in which these are set, and no other variable of proxies. */
function environment(variables: Readonly<Record<string, string>>): void {
  for (const name of ['HTTP_PROXY', 'HTTPS_PROXY', 'ALL_PROXY', 'NO_PROXY']) {
    vi.stubEnv(name, variables[name])
    vi.stubEnv(name.toLowerCase(), undefined)
  }
  onTestFinished(() => void vi.unstubAllEnvs())
}

describe('connect', () => {
  let proxy: FakeProxy
  beforeAll(async () => {
    proxy = await FakeProxy.http({ login })
  })
  afterAll(() => proxy[Symbol.asyncDispose]())
  const url = () => `http://${account}127.0.0.1:${proxy.port}`

  /** What the proxy is asked for by an attempt, which fails. */
  async function asked(target: string, options: object = {}): Promise<readonly string[]> {
    proxy.asked.length = 0
    await connect(target, options).catch(() => {})
    return proxy.asked
  }

  it.each([
    ['rtmp://127.0.0.1:9/live', ['CONNECT 127.0.0.1:9']],
    ['rtmpe://127.0.0.1:9/live', ['CONNECT 127.0.0.1:9']],
    ['rtmps://127.0.0.1:9/live', ['CONNECT 127.0.0.1:9']],
    ['rtmpt://127.0.0.1:9/live', ['POST http://127.0.0.1:9/open/1']],
    ['rtmpts://127.0.0.1:9/live', ['CONNECT 127.0.0.1:9']],
  ])('goes to %s by the option', async (target, requests) => {
    environment({ NO_PROXY: '*' })
    expect(await asked(target, { proxy: url() })).toEqual(requests)
  })

  it.each([
    ['rtmp', ['ALL_PROXY']],
    ['rtmps', ['HTTPS_PROXY', 'ALL_PROXY']],
    ['rtmpt', ['HTTP_PROXY', 'ALL_PROXY']],
    ['rtmpts', ['HTTPS_PROXY', 'ALL_PROXY']],
  ])('goes by the variables of %s: %j', async (scheme, names) => {
    for (const name of ['HTTP_PROXY', 'HTTPS_PROXY', 'ALL_PROXY']) {
      environment({ [name]: url() })
      const target = `${scheme}://127.0.0.1:9/live`
      expect((await asked(target)).length, name).toBe(names.includes(name) ? 1 : 0)
      expect(await asked(target, { proxy: false })).toEqual([])
      environment({ [name]: url(), NO_PROXY: '127.0.0.0/8' })
      expect(await asked(target)).toEqual([])
    }
  })

  it('refuses what is no URL of a proxy, and does not go direct', async () => {
    const server = createServer(() => expect.fail('somebody came')).listen(0, '127.0.0.1')
    await once(server, 'listening')
    onTestFinished(() => void server.close())
    const { port } = server.address() as { port: number }
    environment({ ALL_PROXY: 'http://anna:1#secret@proxy' })
    for (const [options, message] of [
      [{}, /^ALL_PROXY: no URL of a proxy: (?!.*secret)/],
      [{ proxy: 'nonsense://' }, /^proxy: no URL of a proxy/],
    ] as const) {
      for (const scheme of ['rtmp', 'rtmps', 'rtmpt', 'rtmpts']) {
        await expect(connect(`${scheme}://127.0.0.1:${port}/live`, options)).rejects.toMatchObject({
          code: 'RTMP_ERR_PROXY_URL',
          message: expect.stringMatching(message),
        })
      }
    }
  })

  it('with transports of one’s own takes the proxies of these', async () => {
    const target = 'rtmp://127.0.0.1:9/live'
    await expect(connect(target, { proxy: url(), transports: [tcp()] })).rejects.toMatchObject({
      code: 'RTMP_ERR_USAGE',
    })
    expect(await asked(target, { transports: [tcp({ proxy: url() })] })).toEqual(['CONNECT 127.0.0.1:9'])
    environment({ ALL_PROXY: url() })
    expect(await asked(target, { transports: [tcp()] })).toEqual([])
  })
})

describe('the command', () => {
  it('says what is wrong with the URL of a proxy, and takes none with --no-proxy', async () => {
    environment({ ALL_PROXY: 'http://anna:1#secret@proxy' })
    await using wrong = rtmpipe('play', 'rtmp://127.0.0.1:9/live/x')
    const { code, stderr } = await wrong.exited
    expect([code, stderr.join()]).toEqual([
      2,
      expect.stringMatching(/^rtmpipe: ALL_PROXY: no URL of a proxy(?!.*secret)/),
    ])
    await using direct = rtmpipe('play', 'rtmp://127.0.0.1:9/live/x', '--no-proxy')
    const { stderr: said } = await direct.exited
    expect(said.join()).toMatch(/^rtmpipe: connect ECONNREFUSED 127\.0\.0\.1:9/)
  })
})
