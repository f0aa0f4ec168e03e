import type { Transport } from '@rtmpipe/session'
import { transportCompliance } from '@rtmpipe/testing'
import { createSelfSignedCertificate } from '@rtmpipe/transport-tls'
import { describe, it } from 'vitest'
import { onePort } from '../src/index.ts'

const certificate = await createSelfSignedCertificate()

const schemes = ['rtmp', 'rtmps', 'rtmpt', 'rtmpts', 'ws', 'wss'] as const

/** A port whose clients say what they speak before anything else, as those of RTMP do; this byte is then taken away. */
function begun(scheme: (typeof schemes)[number]): Transport {
  const port = onePort({ port: 0, protocols: [scheme], tls: { certificate, ca: certificate.cert } })
  return {
    name: port.name,
    schemes: [scheme],
    async dial(url, options) {
      const connection = await port.dial(url, options)
      connection.stream.write(Buffer.of(3))
      return connection
    },
    listen: (accept, options) =>
      port.listen(connection => {
        connection.stream.once('readable', () => {
          connection.stream.read(1)
          process.nextTick(() => accept(connection))
        })
      }, options),
  }
}

describe.each(schemes)('%s by one port keeps the Transport contract', scheme => {
  it.each(transportCompliance)('$name', one =>
    one.run(() => ({
      transport: begun(scheme),
      dialUrl: ({ address }) => new URL(`${scheme}://${address.address}:${address.port}/live`),
    })),
  )
})
