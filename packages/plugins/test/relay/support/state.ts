import type { RelayPull, RelayPush } from '../../../src/relay/index.ts'
import type { RelayState, RelayStatus } from '../../../src/relay/index.ts'

/** Resolves with the next status of that state. */
export function nextState(relay: RelayPush | RelayPull, state: RelayState): Promise<RelayStatus> {
  return new Promise(resolve => {
    const listen = (status: RelayStatus) => {
      if (status.state !== state) return
      relay.off('state', listen)
      resolve(status)
    }
    relay.on('state', listen)
  })
}
