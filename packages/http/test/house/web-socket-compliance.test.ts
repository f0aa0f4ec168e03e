import { readFileSync } from 'node:fs'
import type { Transport } from '@rtmpipe/session'
import { transportCompliance } from '@rtmpipe/testing'
import { webSocket } from '@rtmpipe/transport-websocket'
import { describe, it } from 'vitest'
import { health, http } from '../../src/index.ts'
import { quietHost } from '../support/host.ts'

const fixtures = new URL('../../../transport-http-tunnel/test/fixtures/', import.meta.url)
const cert = readFileSync(new URL('cert.pem', fixtures))
const key = readFileSync(new URL('key.pem', fixtures))

/** A house for each listener, with the tunnel too: its port closes with the listener, as it does with a server. */
function inHouse(tls: { readonly cert: Buffer; readonly key: Buffer } | undefined): Transport {
  const dialler = webSocket({ ca: cert })
  return {
    name: dialler.name,
    schemes: dialler.schemes,
    dial: (url, options) => dialler.dial(url, options),
    async listen(accept, options) {
      const web = http({ port: 0, tls, mount: [health()] })
      web.tunnel()
      const transport = web.webSocket()
      await web.setup?.(quietHost())
      try {
        const listener = await transport.listen(accept, options)
        const { scheme, address } = listener
        const close = async () => {
          await listener.close()
          await web.onClose?.()
        }
        return { scheme, address, close }
      } catch (error) {
        await web.onClose?.()
        throw error
      }
    },
  }
}

describe.each([
  { scheme: 'ws', tls: undefined },
  { scheme: 'wss', tls: { cert, key } },
])('$scheme in a house keeps the Transport contract', ({ scheme, tls }) => {
  it.each(transportCompliance)('$name', one =>
    one.run(() => ({
      transport: inHouse(tls),
      dialUrl: ({ address }) => new URL(`${scheme}://${address.address}:${address.port}/live`),
    })),
  )
})
