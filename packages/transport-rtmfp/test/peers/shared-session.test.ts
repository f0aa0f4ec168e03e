import { describe, expect, it } from 'vitest'
import type { OpenSession, SessionEnd } from '../../src/contract/session.ts'
import { SharedSession } from '../../src/peers/shared-session.ts'
import { flowMetadata } from '../../src/rtmp/metadata.ts'
import { sessionPair } from '../support/session-pair.ts'

const control = flowMetadata({ streamId: 0, isUnordered: false })
const stream = flowMetadata({ streamId: 1, isUnordered: false })

/** Both ends of one session, each shared by NetConnections; those that the far end has begun, and what came in them. */
function ends() {
  const pair = sessionPair()
  const ended: string[] = []
  const endOf = (name: string, session: OpenSession) => {
    const begun: OpenSession[] = []
    const heard: string[] = []
    const shared = new SharedSession(session, {
      branch(branch) {
        begun.push(branch)
        hear(branch, heard)
      },
      end: () => ended.push(name),
    })
    return { shared, begun, heard }
  }
  const left = endOf('left', pair.initiator)
  const right = endOf('right', pair.responder)
  const wait = (milliseconds = 1_000) => pair.simulation.run(pair.simulation.now + milliseconds)
  return { left, right, ended, wait }
}

function hear(branch: OpenSession, heard: string[]): SessionEnd[] {
  const ends: SessionEnd[] = []
  branch.onFlow = flow => {
    flow.onMessage = message => heard.push(`${message.toString()} after ${flow.association ?? 'nothing'}`)
    return true
  }
  branch.onEnd = why => ends.push(why)
  return ends
}

function say(branch: OpenSession, text: string, metadata: Buffer = control, association?: number): number {
  const flow = branch.openFlow({ metadata, association, priority: 4 })
  flow.write([Buffer.from(text)])
  return flow.id
}

describe('one session', () => {
  it('has NetConnections that either end begins, and tells their flows apart', () => {
    const { left, right, wait } = ends()
    const [one, other, back] = [left.shared.begin(), left.shared.begin(), right.shared.begin()]
    expect([one.isInitiator, back.isInitiator]).toEqual([true, true])
    const answers: string[] = []
    hear(one, answers)
    const first = say(one, 'one')
    const second = say(other, 'other')
    say(back, 'back')
    wait()
    expect(right.begun.map(({ isInitiator }) => isInitiator)).toEqual([false, false])
    expect(left.begun).toHaveLength(1)
    expect(right.heard).toEqual(['one after nothing', 'other after nothing'])
    expect(left.heard).toEqual(['back after nothing'])
    say(right.begun[0] as OpenSession, 'answer', stream, first)
    say(right.begun[1] as OpenSession, 'nobody listens', stream, second)
    wait()
    expect(answers).toEqual([`answer after ${first}`])
  })

  it('is closed with the last of them', () => {
    const { left, right, ended, wait } = ends()
    const [one, other] = [left.shared.begin(), left.shared.begin()]
    say(one, 'one')
    const flow = other.openFlow({ metadata: control, priority: 4 })
    flow.write([Buffer.from('other')])
    wait()
    const over = right.begun.map(branch => hear(branch, []))
    one.close()
    one.close()
    wait()
    expect(ended).toEqual([])
    flow.write([Buffer.from('goes on')])
    wait()
    expect(right.heard).toContain('goes on after nothing')
    other.close()
    wait()
    expect(ended.toSorted()).toEqual(['left', 'right'])
    expect(over).toEqual([['closed by the far end'], ['closed by the far end']])
  })

  it('has no flow that belongs to none of them, and twenty of the far end at most', () => {
    const { left, right, wait } = ends()
    const refused: string[] = []
    const begin = (name: string, metadata: Buffer) =>
      left.shared.begin().openFlow({ metadata, priority: 4, onException: () => refused.push(name) })
    begin('of a stream', stream).write([Buffer.from('x')])
    begin('of something else', Buffer.from('GC')).write([Buffer.from('x')])
    wait()
    expect(refused).toEqual(['of a stream', 'of something else'])
    expect(right.begun).toEqual([])
    for (let index = 0; index < 24; index += 1) begin(`${index}`, control).write([Buffer.from('x')])
    wait()
    expect(right.begun).toHaveLength(20)
    expect(refused.slice(2)).toEqual(['20', '21', '22', '23'])
  })
})
