import { MessageType } from '@rtmpipe/chunk-stream'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { ClientSharedObject } from '../../src/client/client-shared-object.ts'
import { TestServer } from '@rtmpipe/testing'
import { RawServer } from '../support/raw-server.ts'
import { answers } from './support/bodies.ts'
import { raw, setOne, use } from './support/body.ts'

const write = fc.record({
  /** The last one is the server. */
  writer: fc.nat({ max: 3 }),
  act: fc.constantFrom('set', 'set', 'set', 'delete', 'clear', 'send'),
  key: fc.constantFrom('a', 'b', '__proto__', ''),
  value: fc.oneof(fc.integer(), fc.string({ maxLength: 10 }), fc.constant(null)),
  /** Lets messages arrive in between. */
  pauses: fc.boolean(),
})

/** Resolves when a client has heard so many. */
const heard = (object: ClientSharedObject, count: number) =>
  new Promise<void>(resolve => {
    let left = count
    object.on('message', handler => {
      if (handler === 'done' && (left -= 1) === 0) resolve()
    })
  })

it('whoever writes what and when, all see the same in the end', async () => {
  const run = async (writes: (typeof write extends fc.Arbitrary<infer T> ? T : never)[]) => {
    await using server = new TestServer()
    const truth = await server.server.sharedObjects.open('live', 'so')
    const objects: ClientSharedObject[] = []
    for (let index = 0; index < 3; index += 1) objects.push(await (await server.connect('live')).sharedObject('so'))
    const done = objects.map(object => heard(object, objects.length))
    for (const { writer, act, key, value, pauses } of writes) {
      const object = objects[writer] ?? truth
      if (act === 'set') object.set(key, value)
      else if (act === 'delete') object.delete(key)
      else if (act === 'clear') object.clear()
      else object.send('other', value)
      if (pauses) await new Promise(resolve => void setImmediate(resolve))
    }
    for (const object of objects) object.send('done')
    await Promise.all(done)
    for (const object of objects) {
      expect(new Map(object.data)).toEqual(new Map(truth.data))
      expect(object.version).toBe(truth.version)
    }
  }
  await fc.assert(fc.asyncProperty(fc.array(write, { maxLength: 25 }), run), { numRuns: 60 })
})

it('whatever a client sends, the others go on', async () => {
  await using server = new RawServer()
  const good = (await server.peer().connect()).send(raw('so', 0, 0, use))
  await answers(good)
  const event = fc
    .tuple(fc.integer({ min: 0, max: 12 }), fc.uint8Array({ maxLength: 24 }))
    .map(
      ([type, data]) =>
        `0${type.toString(16)}${data.length.toString(16).padStart(8, '0')}${Buffer.from(data).toString('hex')}`,
    )
  const attack = fc.record({
    messageTypeId: fc.constantFrom(MessageType.SharedObjectAmf0, MessageType.SharedObjectAmf3),
    events: fc.array(event, { maxLength: 4 }),
    junk: fc.uint8Array({ maxLength: 20 }),
  })
  const run = async ({ messageTypeId, events, junk }: typeof attack extends fc.Arbitrary<infer T> ? T : never) => {
    const bad = await server.peer().connect()
    bad
      .send(raw('so', 0, 0, use))
      .send({ ...raw('so', 0, 0, ...events, Buffer.from(junk).toString('hex')), messageTypeId })
    bad.messages.end()
    await bad.rest()
    good.send(raw('so', 0, 0, setOne('a')))
    expect((await answers(good)).length).toBeGreaterThan(0)
  }
  await fc.assert(fc.asyncProperty(attack, run), { numRuns: 150 })
  expect(server.log.at('error')).toEqual([])
  for (const { code } of server.log.at('warn')) expect(code).toMatch(/^RTMP_ERR_(SHARED_OBJECT|AMF)/)
})
