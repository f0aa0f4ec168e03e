import { readFileSync } from 'node:fs'
import type { Transport } from '@rtmpipe/session'
import { transportCompliance } from '@rtmpipe/testing'
import { describe, it } from 'vitest'
import { webSocket } from '../src/index.ts'

const fixtures = new URL('../../transport-http-tunnel/test/fixtures/', import.meta.url)
const cert = readFileSync(new URL('cert.pem', fixtures))
const key = readFileSync(new URL('key.pem', fixtures))

describe.each([
  { scheme: 'ws', tls: undefined },
  { scheme: 'wss', tls: { cert, key } },
])('$scheme keeps the Transport contract', ({ scheme, tls }) => {
  it.each(transportCompliance)('$name', one =>
    one.run(() => ({
      transport: webSocket({ port: 0, tls, ca: cert }) satisfies Transport,
      dialUrl: ({ address }) => new URL(`${scheme}://${address.address}:${address.port}/live`),
    })),
  )
})
