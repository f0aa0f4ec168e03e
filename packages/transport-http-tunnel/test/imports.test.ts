import { expect, it } from 'vitest'
import { loadedPackages } from '../../../test/imports/loaded-packages.ts'

const importing = `import { httpTunnel, tunnelRoutes } from '@rtmpipe/transport-http-tunnel'`

it('dialling loads no HTTP server', async () => {
  const loaded = await loadedPackages(`${importing}
    await httpTunnel().dial(new URL('rtmpt://127.0.0.1:1')).catch(() => {})
  `)
  expect(loaded).toContain('transport-http-tunnel')
  expect(loaded).not.toContain('fastify')
})

it('listening loads it', async () => {
  const loaded = await loadedPackages(`${importing}
    await (await httpTunnel({ port: 0 }).listen(() => {})).close()
  `)
  expect(loaded).toContain('fastify')
})
