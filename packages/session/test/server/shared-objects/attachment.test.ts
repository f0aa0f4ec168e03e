import { MessageType, type RtmpMessage } from '@rtmpipe/chunk-stream'
import { describe, expect, it } from 'vitest'
import type { ConnectionInfo } from '../../../src/contract/connection-info.ts'
import { silentLogger } from '../../../src/contract/logger.ts'
import { Attachment } from '../../../src/server/shared-objects/attachment.ts'
import { ByteBudget } from '../../../src/shared-object/byte-budget.ts'
import { defaultSharedObjectLimits } from '../../../src/shared-object/limits.ts'
import { PacedOutput } from '../../../src/peer/paced-output.ts'
import { SharedObject } from '../../../src/shared-object/shared-object.ts'
import { StubConnection } from '../../support/stub-connection.ts'
import { allShown } from '../../shared-object/support/bodies.ts'
import { change, clear, one, raw, send, success, two, useSuccess } from '../../shared-object/support/body.ts'

const turn = () => new Promise<void>(resolve => void setImmediate(resolve))

/** A client whose connection has room when the test says so. */
function setUp() {
  const stub = Object.assign(new StubConnection(), { bytesReceived: 0x1_0000_0007 })
  const budget = new ByteBudget(Infinity)
  const object = new SharedObject('live', 'so', false, { limits: defaultSharedObjectLimits, budget, log: silentLogger })
  const failures: Error[] = []
  const attach = () => {
    const output = new PacedOutput(stub.connection, 1_000)
    const type = MessageType.SharedObjectAmf0
    return new Attachment(object, {} as ConnectionInfo, type, output, error => failures.push(error))
  }
  const attachment = attach()
  attachment.welcome()
  /** What was sent since the last look, batches taken apart. */
  const sent = () => {
    const messages: RtmpMessage[] = stub.sent.splice(0).flatMap(it => ('batch' in it ? it.batch.messages : [it]))
    return allShown(...messages)
  }
  return { stub, object, attachment, sent, failures }
}

const acknowledgement = '3 on 0: 00000007'
const state = raw('so', 2, 0, clear, change(['a', two]))

describe('a client that has fallen behind', () => {
  it('gets the state when what was written is taken', async () => {
    const { stub, object, sent } = setUp()
    stub.full(true)
    object.set('a', 1)
    object.set('a', 2)
    await turn()
    expect(sent()).toEqual([...allShown(raw('so', 0, 0, useSuccess, clear)), acknowledgement])
    stub.full(false)
    stub.drain()
    await turn()
    expect(sent()).toEqual(allShown(state))
  })

  it('gets it with the next change when there is room before that, and once', async () => {
    const { stub, object, sent } = setUp()
    stub.full(true)
    object.set('a', 1)
    await turn()
    sent()
    stub.full(false)
    object.set('a', 2)
    expect(sent()).toEqual(allShown(state))
    stub.drain()
    await turn()
    expect(sent()).toEqual([])
  })

  it('gets it before the next message', async () => {
    const { stub, object, sent, failures } = setUp()
    stub.full(true)
    object.set('a', 1)
    object.set('a', 2)
    await turn()
    sent()
    stub.full(false)
    object.send('hi')
    expect(sent()).toEqual(allShown(state, raw('so', 2, 0, send('hi'))))
    expect(failures).toEqual([])
  })

  it('waits on when others have taken the room', async () => {
    const { stub, object, sent } = setUp()
    stub.full(true)
    object.set('a', 1)
    object.set('a', 2)
    await turn()
    sent()
    stub.drain()
    await turn()
    expect(sent()).toEqual([acknowledgement])
    stub.full(false)
    stub.drain()
    await turn()
    expect(sent()).toEqual(allShown(state))
  })

  it('has its own writes answered, and its own messages told', () => {
    const { stub, object, attachment, sent, failures } = setUp()
    sent()
    stub.full(true)
    object.set('b', 1)
    object.apply([{ type: 'RequestChange', key: 'a', value: 1 }], attachment)
    object.apply([{ type: 'SendMessage', handler: 'hi', args: [1] }], attachment)
    const [, ...answers] = sent()
    expect(answers).toEqual(allShown(raw('so', 2, 0, success('a')), raw('so', 2, 0, send('hi', one))))
    expect(failures).toEqual([])
  })

  it('that has let go of the object meanwhile gets nothing', async () => {
    const { stub, object, attachment, sent } = setUp()
    stub.full(true)
    object.set('a', 1)
    attachment.detach()
    sent()
    stub.full(false)
    stub.drain()
    await turn()
    expect(sent()).toEqual([])
  })
})
