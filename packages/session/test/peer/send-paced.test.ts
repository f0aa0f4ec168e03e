import type { RtmpMessage } from '@rtmpipe/chunk-stream'
import { samples } from '@rtmpipe/testing'
import { expect, it } from 'vitest'
import type { MessageOutput } from '../../src/contract/message-connection.ts'
import { sendAndWait, sendKept, sendPaced } from '../../src/peer/send-paced.ts'

/** An output that notes what it is given. */
function noted(queuedBytes: number, givesUp: boolean) {
  const calls: [how: 'send' | 'write' | 'whenRoom', message?: RtmpMessage][] = []
  const output: MessageOutput = {
    queuedBytes,
    writable: true,
    send: message => void calls.push(['send', message]),
    sendBatch: () => {},
    write(message, taken) {
      calls.push(['write', message])
      taken()
      return true
    },
    ...(givesUp && {
      whenRoom(room: () => void) {
        calls.push(['whenRoom'])
        room()
      },
    }),
  }
  return { output, calls }
}

const media = samples.keyframe(0)
const full = 200 * 1024

it.each([
  ['sendPaced', sendPaced, 0, false, [['send', media]]],
  ['sendPaced', sendPaced, full, false, [['write', media]]],
  ['sendPaced', sendPaced, 0, true, [['send', media]]],
  ['sendPaced', sendPaced, full, true, [['send', media], ['whenRoom']]],
  ['sendKept', sendKept, 0, false, [['send', media]]],
  ['sendKept', sendKept, full, false, [['write', media]]],
  ['sendKept', sendKept, 0, true, [['write', media]]],
  ['sendAndWait', sendAndWait, full, false, [['write', media]]],
  ['sendAndWait', sendAndWait, full, true, [['send', media], ['whenRoom']]],
] as const)('%s sends media as it must', (_name, send, queued, givesUp, expected) => {
  const { output, calls } = noted(queued, givesUp)
  let done = 0
  send(output, media, () => (done += 1))
  expect(calls).toEqual(expected)
  expect(done).toBe(1)
})
