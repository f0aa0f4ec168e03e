import { describe, expect, it } from 'vitest'
import { silentLogger } from '@rtmpipe/session'
import { ServiceManager, watchdogInterval } from '../../../src/serve/service/service-manager.ts'

describe('ServiceManager', () => {
  it('is there for those only who want to know', () => {
    expect(ServiceManager.of({}, silentLogger)).toBeUndefined()
    expect(ServiceManager.of({ NOTIFY_SOCKET: '' }, silentLogger)).toBeUndefined()
  })

  it('gives a sign of life twice in the time that is waited for', () => {
    expect(watchdogInterval({ WATCHDOG_USEC: '30000000', WATCHDOG_PID: '7' }, 7)).toBe(15_000)
    expect(watchdogInterval({ WATCHDOG_USEC: '30000000' }, 7)).toBe(15_000)
  })

  it.each([{}, { WATCHDOG_USEC: '0' }, { WATCHDOG_USEC: 'x' }, { WATCHDOG_USEC: '30000000', WATCHDOG_PID: '8' }])(
    'gives none where nobody waits for it: %j',
    environment => expect(watchdogInterval(environment, 7)).toBeUndefined(),
  )
})
