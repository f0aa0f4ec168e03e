import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { connect as connectPlain } from 'node:net'
import { connect, type ConnectionOptions } from 'node:tls'
import type { Host, Listener, Logger } from '@rtmpipe/session'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { TemporaryFolder } from '../../../../test/support/temporary-folder.ts'
import { needsOpenssl } from '../../../transport-tls/test/openssl.ts'
import type { ServeConfig } from '../../src/sections/index.ts'
import { ServerCertificate } from '../../src/serve/certificate.ts'
import { tlsTrouble } from '../../src/serve/tls-trouble.ts'
import { ServeHouse } from '../../src/serve/house.ts'
import { createTransports, logTransportErrors } from '../../src/serve/transports.ts'

let folder: TemporaryFolder
beforeAll(async () => {
  folder = await TemporaryFolder.create()
})
afterAll(() => folder[Symbol.asyncDispose]())

/** RTMPS and RTMPTS as `rtmpipe serve` has them, and the warnings that they log. */
class SecureListeners {
  readonly #warnings: string[] = []
  #wake = (): void => {}
  #listeners: readonly Listener[] = []

  static async start(tlsCompat: boolean): Promise<SecureListeners> {
    const started = new SecureListeners()
    const config = {
      host: '127.0.0.1',
      rtmp: 'off',
      rtmps: 0,
      rtmpt: 'off',
      rtmpts: 0,
      tlsCompat,
      tlsMax: '1.3',
      data: folder.path,
    }
    const certificate = await ServerCertificate.open(config as ServeConfig)
    const warn = (_fields: object, message: string) => {
      started.#warnings.push(message)
      started.#wake()
    }
    const log = { warn } as unknown as Logger
    const onError = logTransportErrors(log)
    const house = await ServeHouse.open({ ...config, adminToken: 'x' } as ServeConfig, certificate, log, onError)
    const host = { log, signal: new AbortController().signal } as Partial<Host> as Host
    for (const plugin of house?.plugins ?? []) await plugin.setup?.(host)
    onTestFinished(async () => {
      for (const plugin of house?.plugins ?? []) await plugin.onClose?.()
    })
    const transports = [...createTransports(config as ServeConfig, certificate, onError), ...(house?.transports ?? [])]
    started.#listeners = await Promise.all(
      transports.map(transport =>
        transport.listen(({ stream }) => {
          stream.on('error', () => {}).on('end', () => stream.end())
          stream.resume()
        }),
      ),
    )
    onTestFinished(async () => void (await Promise.all(started.#listeners.map(listener => listener.close()))))
    return started
  }

  portOf(scheme: string): number {
    return this.#listeners.find(listener => listener.scheme === scheme)?.address.port ?? 0
  }

  async warning(): Promise<string> {
    while (this.#warnings.length === 0) await new Promise<void>(resolve => (this.#wake = resolve))
    return this.#warnings.shift() ?? ''
  }
}

/** What an old camera knows. */
const old: ConnectionOptions = {
  host: '127.0.0.1',
  minVersion: 'TLSv1',
  maxVersion: 'TLSv1',
  ciphers: 'AES128-SHA:@SECLEVEL=0',
  rejectUnauthorized: false,
}

describe.each(['rtmps', 'rtmpts'])('%s', scheme => {
  it('lets in a client of TLS 1.0 with --tls-compat, and gives others the best', async () => {
    const listeners = await SecureListeners.start(true)
    const port = listeners.portOf(scheme)
    for (const [options, version] of [
      [old, 'TLSv1'],
      [{ host: '127.0.0.1', rejectUnauthorized: false }, 'TLSv1.3'],
    ] as const) {
      const client = connect({ ...options, port })
      onTestFinished(() => void client.destroy())
      await once(client, 'secureConnect')
      expect(client.getProtocol()).toBe(version)
      client.destroy()
    }
  })

  it('refuses it without, and says what would help', async () => {
    const listeners = await SecureListeners.start(false)
    const client = connect({ ...old, port: listeners.portOf(scheme) })
    await expect(once(client, 'secureConnect')).rejects.toMatchObject({ code: 'ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION' })
    expect(await listeners.warning()).toMatch(
      /^127\.0\.0\.1 knows no TLS version or cipher suite of ours: --tls-compat/,
    )
  })

  it.runIf(needsOpenssl).each(['-tls1_2', '-tls1_3'])(
    'names a client that refuses the certificate, %s',
    async version => {
      const listeners = await SecureListeners.start(false)
      const args = ['s_client', '-connect', `127.0.0.1:${listeners.portOf(scheme)}`, '-verify_return_error', version]
      const client = spawn('openssl', args, { stdio: 'ignore' })
      onTestFinished(() => void client.kill())
      expect(await listeners.warning()).toMatch(
        /^127\.0\.0\.1 does not accept our certificate \(unknown ca\): give it the certificate, /,
      )
    },
  )

  it('names a client that speaks no TLS', async () => {
    const listeners = await SecureListeners.start(false)
    const client = connectPlain(listeners.portOf(scheme), '127.0.0.1').on('error', () => {})
    onTestFinished(() => void client.destroy())
    client.write('GET / HTTP/1.1\r\n\r\n')
    expect(await listeners.warning()).toMatch(/^this is HTTP, and the port is for .*RTMP/)
  })
})

it('says what is left of a message of OpenSSL', () => {
  const error = Object.assign(new Error('80CC:error:0A00:SSL routines:tls_x:bad key share:../a.c:16:\n'), { code: 'X' })
  expect(tlsTrouble(error)).toBe('could not be served over TLS: bad key share')
  expect(tlsTrouble(new Error('no TLS handshake within 5 ms'))).toMatch(/: no TLS handshake within 5 ms$/)
})
