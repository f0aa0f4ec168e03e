import type { TransportConnection } from '@rtmpipe/session'
import { httpTunnel } from '@rtmpipe/transport-http-tunnel'
import { expect, it } from 'vitest'
import { http } from '../../src/index.ts'
import { quietHost } from '../support/host.ts'

it('who comes when the port is open, and before the server listens, waits for it', async () => {
  const web = http({ port: 0 })
  const tunnel = web.tunnel()
  await web.setup?.(quietHost())
  try {
    const { address, port } = web.address ?? { address: '', port: 0 }
    const client = await httpTunnel().dial(new URL(`rtmpt://${address}:${port}/live`))
    client.stream.write('hello')
    let take: (connection: TransportConnection) => void = () => {}
    const taken = new Promise<TransportConnection>(resolve => (take = resolve))
    const listener = await tunnel.listen(take)
    const { stream } = await taken
    for await (const bytes of stream) {
      expect(String(bytes)).toBe('hello')
      break
    }
    client.stream.destroy()
    await listener.close()
  } finally {
    await web.onClose?.()
  }
})
