import { expect, it } from 'vitest'
import { loadServeConfig } from '../../src/serve/load.ts'

it('is off unless it is asked for, and needs an HTTP port', async () => {
  expect((await loadServeConfig({})).config.web).toBe(false)
  expect((await loadServeConfig({ web: true })).config.web).toBe(true)
  expect((await loadServeConfig({ web: true, rtmpt: 'off' })).config.web).toBe(true)
  expect((await loadServeConfig({ web: true, port: '0' })).config.web).toBe(true)
  expect((await loadServeConfig({ web: true, port: '0', protocol: ['wss', 'http'] })).config.web).toBe(true)
  const none =
    /--web: pages need an HTTP port: set rtmpt or rtmpts, or port with http and ws or wss among its protocols/
  await expect(loadServeConfig({ web: true, rtmpt: 'off', rtmpts: 'off' })).rejects.toThrow(none)
  for (const protocol of [['rtmp', 'ws'], ['http']])
    await expect(loadServeConfig({ web: true, port: '0', protocol })).rejects.toThrow(none)
  await expect(loadServeConfig({ web: true, websocket: 'off' })).rejects.toThrow(
    /--web: pages play by WebSocket, which is off/,
  )
})
