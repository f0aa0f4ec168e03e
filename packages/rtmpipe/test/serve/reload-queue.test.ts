import { type Logger, silentLogger } from '@rtmpipe/session'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { Reload } from '../../src/serve/reload.ts'
import { ConfigError } from '../../src/config/config-error.ts'
import { loadConfig } from '../../src/config/load.ts'
import { form } from '../../src/sections/form.ts'
import type { ServeConfig } from '../../src/sections/index.ts'

const lines: string[] = []
const note = (_fields: object, message: string) => void lines.push(message)
const log: Logger = { ...silentLogger, info: note, warn: note, error: note }

let reload: Reload
let config: ServeConfig
beforeEach(async () => {
  reload = new Reload()
  lines.length = 0
  config = (await loadConfig<ServeConfig>(form, { environment: { RTMPIPE_RTMP: '1' } })).config
})
afterEach(() => reload.cancel())

it('is done once more for all who ask while it is done', async () => {
  const loads: (() => void)[] = []
  const load = () => new Promise<ServeConfig>(resolve => void loads.push(() => resolve(config)))
  let updates = 0
  process.emit('SIGHUP')
  reload.begin(config, { load, update: async () => void (updates += 1) }, log)
  for (let times = 0; times < 3; times++) process.emit('SIGHUP')
  expect(loads).toHaveLength(1)
  loads[0]?.()
  await expect.poll(() => loads.length).toBe(2)
  loads[1]?.()
  await expect.poll(() => lines.length).toBe(2)
  expect(updates).toBe(2)
  expect(loads).toHaveLength(2)
})

it('keeps what was when it fails, whatever fails', async () => {
  const seen: ServeConfig[] = []
  const answers = [
    () => Promise.reject(new ConfigError(['x'])),
    () => Promise.resolve({ ...config, logLevel: 'debug' as const, rtmp: 2 }),
    () => Promise.resolve({ ...config, logLevel: 'debug' as const }),
  ]
  const update = (next: ServeConfig) => (seen.push(next) === 1 ? Promise.reject(new Error('y')) : Promise.resolve())
  reload.begin(config, { load: () => answers.shift()?.() ?? Promise.reject(new Error('z')), update }, log)
  for (let times = 1; times <= 4; times++) {
    process.emit('SIGHUP')
    await expect.poll(() => lines.length).toBe(times)
  }
  const failed = 'the configuration can not be taken over, and stays as it was'
  expect(lines).toEqual([failed, failed, 'configuration read again, changed: logLevel', failed])
  expect(seen).toEqual([1, 2].map(() => ({ ...config, logLevel: 'debug' })))
})
