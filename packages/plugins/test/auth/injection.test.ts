import { type Logger, silentLogger } from '@rtmpipe/session'
import { describe, expect, it } from 'vitest'
import { HTTP_CALLBACK_OPTIONS, HttpCallback, JWT_OPTIONS, JwtAuth } from '../../src/auth/index.ts'
import { LOGGER, PluginContainer } from '../../src/index.ts'

describe('as classes', () => {
  it('plugins take their options and the logger from the container', async () => {
    const log: Logger = { ...silentLogger }
    await using plugins = new PluginContainer()
    plugins.provide(LOGGER, log)
    plugins.provide(HTTP_CALLBACK_OPTIONS, { url: 'http://127.0.0.1/' })
    plugins.provide(JWT_OPTIONS, { key: { secret: 'x' } })
    for (const plugin of [HttpCallback, JwtAuth]) plugins.use(plugin)
    expect(plugins.resolve().map(({ name }) => name)).toEqual(['http-callback', 'jwt-auth'])
  })

  it('say which options are missing', () => {
    const plugins = new PluginContainer()
    plugins.provide(LOGGER, silentLogger)
    plugins.use(HttpCallback)
    expect(() => plugins.resolve()).toThrow(/"options" at position #0 of "HttpCallback"/)
  })
})
