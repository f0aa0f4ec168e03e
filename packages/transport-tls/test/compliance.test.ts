import { transportCompliance } from '@rtmpipe/testing'
import { tcp } from '@rtmpipe/transport-tcp'
import { describe, it } from 'vitest'
import { withTls } from '../src/index.ts'
import { memory } from './memory-transport.ts'
import { pair } from './pairs.ts'

const over = { tcp: () => tcp({ port: 0 }), 'streams that are no sockets': memory }

for (const [name, inner] of Object.entries(over)) {
  for (const maxVersion of ['TLSv1.2', 'TLSv1.3'] as const) {
    describe(`${maxVersion} over ${name} keeps the Transport contract`, () => {
      it.each(transportCompliance)('$name', one =>
        one.run(() => ({
          transport: withTls(inner(), { certificate: pair, ca: pair.cert, maxVersion }),
          dialUrl: ({ address }) => new URL(`rtmps://${address.address}:${address.port}/live`),
        })),
      )
    })
  }
}
