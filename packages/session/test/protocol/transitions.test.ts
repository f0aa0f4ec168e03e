import { describe, expect, it } from 'vitest'
import {
  netConnectionTransitions,
  netStreamTransitions,
  StateMachine,
  type TransitionTable,
} from '../../src/protocol/transitions.ts'

// Written out here, not read from the tables under test: every pair that is missing is refused.
const connectionSteps = {
  opened: { connect: 'connecting', close: 'closed' },
  connecting: { accept: 'connected', close: 'closed' },
  connected: { close: 'closed' },
  closed: { close: 'closed' },
}
const streamSteps = {
  idle: { publish: 'publishRequested', play: 'playRequested', stop: 'idle', delete: 'deleted' },
  publishRequested: { accept: 'publishing', stop: 'idle', delete: 'deleted' },
  publishing: { stop: 'idle', delete: 'deleted' },
  playRequested: { accept: 'playing', stop: 'idle', delete: 'deleted' },
  playing: { stop: 'idle', delete: 'deleted' },
  deleted: { stop: 'deleted', delete: 'deleted' },
}

type Steps = Record<string, Record<string, string>>
type Table = TransitionTable<string, string>

describe.each([
  ['NetConnection', netConnectionTransitions as Table, connectionSteps as Steps, ['connect', 'accept', 'close']],
  ['NetStream', netStreamTransitions as Table, streamSteps as Steps, ['publish', 'play', 'accept', 'stop', 'delete']],
])('%s', (_name, table, steps, events) => {
  const pairs = Object.keys(steps).flatMap(state => events.map(event => [state, event, steps[state]?.[event]] as const))

  it('has no states but these', () => {
    expect(Object.keys(table).sort()).toEqual(Object.keys(steps).sort())
  })

  it.each(pairs)('%s, %s -> %s', (state, event, next) => {
    const machine = new StateMachine(table, state)
    if (next === undefined) {
      expect(() => machine.dispatch(event)).toThrow(
        expect.objectContaining({
          code: 'RTMP_ERR_COMMAND_ORDER',
          layer: 'command',
          message: `${event} is not possible while ${state}`,
        }),
      )
      expect(machine.state).toBe(state)
    } else {
      machine.dispatch(event)
      expect(machine.state).toBe(next)
    }
  })
})
