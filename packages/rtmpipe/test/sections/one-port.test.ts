import { expect, it } from 'vitest'
import { loadServeConfig } from '../../src/serve/load.ts'

it('knows that --protocol is for --port', async () => {
  const { config } = await loadServeConfig({ port: '0', protocol: ['rtmps'] })
  expect(config).toMatchObject({ port: 0, protocols: ['rtmps'], rtmp: 'off' })
  await expect(loadServeConfig({ protocol: ['rtmps'] })).rejects.toThrow(/--protocol: it is for port, which is off/)
})
