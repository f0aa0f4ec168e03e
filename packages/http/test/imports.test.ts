import { expect, it } from 'vitest'
import { loadedPackages } from '../../../test/imports/loaded-packages.ts'

const importing = `import { api, health, http } from '@rtmpipe/http'`

it('making a house loads no HTTP server', async () => {
  const loaded = await loadedPackages(`${importing}
    http({ mount: [health(), api()] }).tunnel()
  `)
  expect(loaded).toContain('http')
  expect(loaded).not.toContain('fastify')
})
