import type { RtmpMessage } from '@rtmpipe/chunk-stream'
import { expect, it } from 'vitest'
import type { MessageConnection } from '../../src/contract/message-connection.ts'
import { PacedOutput } from '../../src/peer/paced-output.ts'

/** A connection with a full queue, and what it was asked. */
function full(givesUp: boolean) {
  const asked: [how: 'write' | 'whenRoom', told: () => void][] = []
  const state = { queuedBytes: 100, bytesReceived: 7, writable: true }
  const write = (_message: RtmpMessage, taken: () => void) => void asked.push(['write', taken])
  const whenRoom = (room: () => void) => void asked.push(['whenRoom', room])
  return { asked, state, messages: Object.assign(state, { write, ...(givesUp && { whenRoom }) }) }
}

it.each([
  ['write', false],
  ['whenRoom', true],
] as const)('waits for room by %s, once for all who wait, and again while there is none', async (how, givesUp) => {
  const { asked, state, messages } = full(givesUp)
  const output = new PacedOutput(messages as unknown as MessageConnection, 50)
  const all = Promise.all([output.room(), output.room()])
  expect(asked.map(([by]) => by)).toEqual([how])
  asked[0]?.[1]()
  await new Promise(setImmediate)
  expect(asked.map(([by]) => by)).toEqual([how, how])
  state.queuedBytes = 0
  asked[1]?.[1]()
  await all
  expect(asked).toHaveLength(2)
})
