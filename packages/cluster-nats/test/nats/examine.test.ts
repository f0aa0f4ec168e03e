import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { type AddressInfo, createServer } from 'node:net'
import { afterEach, describe, expect, it, type TestContext } from 'vitest'
import { examineServers } from '@rtmpipe/cluster-nats'
import { freePort } from '../../../../test/support/free-port.ts'
import {
  isForSeveral,
  natsBinaries,
  NatsServers,
  type NatsServersOptions,
} from '../../../../test/support/nats-server.ts'
import { run } from '../../../../test/support/running-program.ts'
import { TemporaryFolder } from '../../../../test/support/temporary-folder.ts'

const open: AsyncDisposable[] = []
afterEach(async () => {
  for (const each of open.splice(0).reverse()) await each[Symbol.asyncDispose]()
})

async function servers(context: TestContext, options: NatsServersOptions = {}): Promise<NatsServers> {
  const started = await NatsServers.start(context, options)
  open.push(started)
  return started
}

/** A server that says who it is, and lets nobody go on. @returns its port */
async function saying(info: object | string): Promise<number> {
  const text = typeof info === 'string' ? info : `INFO ${JSON.stringify({ max_payload: 1_048_576, ...info })}\r\n`
  const server = createServer(socket => socket.on('error', () => {}).end(text))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  open.push({ [Symbol.asyncDispose]: async () => void server.close() })
  return (server.address() as AddressInfo).port
}

describe('examineServers', () => {
  it('connects and logs in, and finds nothing where all is well', async context => {
    const { urls, one } = await servers(context)
    const [examined] = await examineServers({ servers: urls })
    expect(examined).toEqual({ server: `127.0.0.1:${one.port}`, version: expect.stringMatching(/^2\./) })
  })

  it('finds that nobody answers, and that somebody else does', async () => {
    const [closed, other] = [await freePort(), await saying('HTTP/1.1 400 Bad Request\r\n')]
    const found = await examineServers({ servers: [`nats://127.0.0.1:${closed}`, `127.0.0.1:${other}`] })
    expect(found).toEqual([
      {
        server: `127.0.0.1:${closed}`,
        isAway: true,
        fault: { text: "can't be reached: ECONNREFUSED", advice: expect.stringContaining('start it') },
      },
      {
        server: `127.0.0.1:${other}`,
        isAway: true,
        fault: { text: "can't be reached: is no NATS server", advice: expect.any(String) },
      },
    ])
  })

  it('finds that one lets everybody in, and that one has no TLS', async () => {
    const port = await saying({ version: '2.12.1' })
    // By an address that it does not take for this machine.
    const [everybody] = await examineServers({ servers: `nats://0.0.0.0:${port}`, secret: 'of this test only' })
    expect(everybody?.fault).toEqual({
      text: 'lets everybody in',
      advice: expect.stringContaining('set up users'),
    })
    for (const options of [{ servers: `tls://127.0.0.1:${port}` }, { servers: `127.0.0.1:${port}`, tls: {} }]) {
      const [plain] = await examineServers(options)
      expect(plain?.fault).toEqual({ text: 'has no TLS', advice: expect.stringContaining('nats://') })
    }
  })

  it('finds that a login is wrong, and does not tell it', async context => {
    const { one } = await servers(context, { config: 'authorization { user: node, password: right }\n' })
    for (const login of ['node:hunter2@', '']) {
      const [found] = await examineServers({ servers: `nats://${login}127.0.0.1:${one.port}` })
      expect(found?.fault?.text).toBe('does not let this user in')
      expect(JSON.stringify(found)).not.toMatch(/hunter2|right/)
    }
    const [right] = await examineServers({ servers: `nats://node:right@127.0.0.1:${one.port}` })
    expect(right).not.toHaveProperty('fault')
  })

  it('finds that a certificate is not trusted, or not for that address', async context => {
    await using folder = await TemporaryFolder.create()
    const [cert, key] = [folder.file('cert.pem'), folder.file('key.pem')]
    const name = ['-subj', '/CN=nats', '-addext', 'subjectAltName=IP:127.0.0.1']
    const kind = ['-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2']
    await run('openssl', ['req', ...kind, ...name, '-keyout', key, '-out', cert])
    const { one } = await servers(context, { config: `tls { cert_file: "${cert}", key_file: "${key}" }\n` })
    const texts = [
      (await examineServers({ servers: one.url }))[0]?.fault?.text,
      (await examineServers({ servers: `nats://localhost:${one.port}`, tls: { ca: cert } }))[0]?.fault?.text,
    ]
    expect(texts).toEqual([
      "can't be spoken to with TLS: DEPTH_ZERO_SELF_SIGNED_CERT",
      "can't be spoken to with TLS: ERR_TLS_CERT_ALTNAME_INVALID",
    ])
    const [right] = await examineServers({ servers: one.url, tls: { ca: cert } })
    expect(right).not.toHaveProperty('fault')
  })

  it('finds that there is no JetStream', async context => {
    const { one } = await servers(context, { config: 'jetstream: disabled\n' })
    const [found] = await examineServers({ servers: one.url })
    expect(found?.fault?.text).toBe('has no JetStream, which keeps who publishes which name')
  })

  it('finds that several are too old', async context => {
    const binary = natsBinaries().find(each => !isForSeveral(each))
    if (binary === undefined) return context.skip('there is no nats-server before 2.10')
    const { urls } = await servers(context, { count: 3, binary })
    for (const { fault } of await examineServers({ servers: urls })) expect(fault?.text).toMatch(/^is 2\.9\.\d+, and /)
    const one = await servers(context, { binary })
    expect((await examineServers({ servers: one.urls }))[0]).not.toHaveProperty('fault')
  })

  it('refuses a file of credentials that is not there', async () => {
    await using folder = await TemporaryFolder.create()
    const file = folder.file('node.creds')
    const options = { servers: '127.0.0.1', credentials: file }
    await expect(examineServers(options)).rejects.toThrow(`can't read the NATS credentials in ${file}: ENOENT`)
    await writeFile(file, 'nonsense')
    await expect(examineServers(options)).rejects.toThrow('holds no NATS credentials')
  })
})
