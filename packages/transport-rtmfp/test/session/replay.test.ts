import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { Session } from '../../src/session/session.ts'
import { initiatorAddress, keysOf } from '../support/session-pair.ts'

interface Recording {
  readonly from: 'initiator' | 'responder'
  readonly aesKey: string
  readonly hmacKey: string
  readonly hmacLength: number
  /** When each datagram came, in seconds: what was lost is not in it, what came twice is so twice. */
  readonly deliveries: readonly { readonly at: number; readonly datagram: string }[]
  readonly messages: readonly { readonly flow: number; readonly length: number; readonly md5: string }[]
}

const file = new URL('../vectors/lossy-deliveries.json', import.meta.url)
const recordings = JSON.parse(readFileSync(file, 'utf8')) as Recording[]

it.each(recordings)('what another implementation sent over a bad line: its $from', recording => {
  const { from, aesKey, hmacKey, hmacLength, deliveries, messages } = recording
  const isInitiator = from === 'responder'
  const receiving = {
    aesKey: Buffer.from(aesKey, 'hex'),
    hmac: { key: Buffer.from(hmacKey, 'hex'), length: hmacLength },
    isNumbered: true,
  }
  const session = new Session(
    {
      isInitiator,
      farId: Buffer.alloc(32),
      nearId: Buffer.alloc(32),
      farSessionId: 1,
      keys: { ...keysOf(isInitiator), receiving },
      remote: initiatorAddress,
      secret: Buffer.alloc(32),
      now: 0,
    },
    { send() {}, deadlineChanged() {}, closed() {}, forwardedHello() {} },
  )
  // Flows answer this one, whose id is theirs too.
  expect(session.openFlow({ metadata: Buffer.from('m'), priority: 5 }).id).toBe(2)
  const received: { flow: number; length: number; md5: string }[] = []
  const gaps: number[] = []
  session.onFlow = flow => {
    flow.onMessage = message => {
      const payload = message.subarray(5)
      received.push({
        flow: flow.id,
        length: payload.length,
        md5: createHash('md5').update(payload).digest('hex'),
      })
    }
    flow.onGap = () => gaps.push(flow.id)
    return true
  }
  for (const { at, datagram } of deliveries) {
    const now = at * 1_000
    while (session.deadline <= now) session.tick(session.deadline)
    session.receive(Buffer.from(datagram, 'hex'), initiatorAddress, now)
  }
  for (const id of new Set(messages.map(({ flow }) => flow)))
    expect(received.filter(({ flow }) => flow === id)).toEqual(
      messages.filter(({ flow }) => flow === id).map(({ flow, length, md5 }) => ({ flow, length, md5 })),
    )
  expect(received.length).toBe(messages.length)
})
