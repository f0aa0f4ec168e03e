import { expect, it } from 'vitest'
import type { PageWebSocket } from '../../src/page/page-api.ts'
import { PageCarrier } from '../../src/page/page-carrier.ts'

it('waits for room by the clock that it is given', () => {
  const waiting: (() => void)[] = []
  const socket = { OPEN: 1, readyState: 1, bufferedAmount: 200_000, send: () => {} }
  const carrier = new PageCarrier(socket as unknown as PageWebSocket, run => void waiting.push(run))
  let isDone = false
  carrier.send(Uint8Array.of(1), () => (isDone = true))
  waiting.shift()?.()
  expect(isDone).toBe(false)
  socket.bufferedAmount = 1_000
  waiting.shift()?.()
  expect(isDone).toBe(true)
  expect(waiting).toEqual([])
})
