import { describe, expect, it } from 'vitest'
import { MemoryTransport } from '../src/memory-transport.ts'
import { transportCompliance } from '../src/transport-compliance.ts'
import type { Listener } from '@rtmpipe/session'

const dialUrl = ({ address }: Listener): URL => new URL(`memory://x:${address.port}`)

describe('MemoryTransport', () => {
  it.each(transportCompliance)('$name', one => one.run(() => ({ transport: new MemoryTransport(), dialUrl })))

  it('buffers as much as it is told', async () => {
    const transport = new MemoryTransport({ highWaterMark: 10 })
    const listener = await transport.listen(({ stream }) => void stream.on('error', () => {}))
    const { stream } = await transport.dial(dialUrl(listener))
    expect(stream.write('123456789')).toBe(true)
    expect(stream.write('0')).toBe(false)
    stream.destroy()
  })

  it('is a network of its own', async () => {
    const listener = await new MemoryTransport().listen(() => {})
    await expect(new MemoryTransport().dial(dialUrl(listener))).rejects.toMatchObject({ code: 'ECONNREFUSED' })
  })
})
