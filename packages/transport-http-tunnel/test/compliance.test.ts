import { readFileSync } from 'node:fs'
import type { Transport } from '@rtmpipe/session'
import { transportCompliance } from '@rtmpipe/testing'
import { describe, it } from 'vitest'
import { httpTunnel } from '../src/index.ts'

const cert = readFileSync(new URL('./fixtures/cert.pem', import.meta.url))
const key = readFileSync(new URL('./fixtures/key.pem', import.meta.url))

describe.each([
  { scheme: 'rtmpt', tls: undefined },
  { scheme: 'rtmpts', tls: { cert, key } },
])('$scheme keeps the Transport contract', ({ scheme, tls }) => {
  it.each(transportCompliance)('$name', one =>
    one.run(() => ({
      transport: httpTunnel({ port: 0, tls, ca: cert }) satisfies Transport,
      dialUrl: ({ address }) => new URL(`${scheme}://${address.address}:${address.port}/live`),
    })),
  )
})
