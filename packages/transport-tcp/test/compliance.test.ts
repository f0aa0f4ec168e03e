import { transportCompliance } from '@rtmpipe/testing'
import { describe, it } from 'vitest'
import { tcp } from '../src/index.ts'

describe('tcp keeps the Transport contract', () => {
  it.each(transportCompliance)('$name', one =>
    one.run(() => ({
      transport: tcp({ port: 0 }),
      dialUrl: ({ address }) => new URL(`rtmp://${address.address}:${address.port}/live`),
    })),
  )
})
