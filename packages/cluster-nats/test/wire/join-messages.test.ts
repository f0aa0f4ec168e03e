import { describe, expect, it } from 'vitest'
import { isAnswer, joinMessage, parseAnswer, parseJoinRequest } from '../../src/wire/join-messages.ts'

const refused = expect.objectContaining({ name: 'FrameError', code: 'RTMP_ERR_CLUSTER_FRAME' })

describe('parseJoinRequest', () => {
  it.each([
    { node: 'n', join: 'j' },
    { node: 'n', join: 'j', max: 0 },
    { node: 'n', join: 'j', max: 2 ** 24, renew: true },
    { node: 'n', join: 'j', leave: true },
  ])('gives back %j', request => expect(parseJoinRequest(joinMessage(request))).toEqual(request))

  it('leaves out what it does not know', () => {
    expect(
      parseJoinRequest(Buffer.from('{"node":"n","join":"j","renew":false,"__proto__":{"leave":true},"x":1}')),
    ).toEqual({
      node: 'n',
      join: 'j',
    })
  })

  it.each([
    '',
    'null',
    '5',
    '[]',
    '{}',
    '{"node":"n"}',
    '{"node":"n","join":5}',
    '{"node":"a.b","join":"j"}',
    '{"node":"*","join":"j"}',
    '{"node":"n","join":"j","max":-1}',
    '{"node":"n","join":"j","max":1.5}',
    '{"node":"n","join":"j","max":"1"}',
    '{"node":"n","join":"j","leave":1}',
    '{"node":"n","join":"j"',
    `{"node":"n","join":"j","x":"${'x'.repeat(512)}"}`,
    '\u0001\u0000',
  ])('refuses %j', text => expect(() => parseJoinRequest(Buffer.from(text))).toThrow(refused))
})

describe('parseAnswer', () => {
  it.each([
    { epoch: 67_108_867, headers: 3, seq: 0xffffffff, mode: 'inbox' as const },
    { epoch: 5, headers: 0, seq: 0, mode: 'shared' as const },
    { retryAfter: 500 },
  ])('gives back %j, which is no frame', answer => {
    expect(isAnswer(joinMessage(answer))).toBe(true)
    expect(parseAnswer(joinMessage(answer))).toEqual(answer)
  })

  it.each([
    '{}',
    '{"epoch":5,"headers":0,"seq":0}',
    '{"epoch":5,"headers":0,"seq":0,"mode":"other"}',
    '{"epoch":-5,"headers":0,"seq":0,"mode":"inbox"}',
    '{"epoch":5,"headers":4294967296,"seq":0,"mode":"inbox"}',
    '{"epoch":5,"headers":0,"seq":null,"mode":"inbox"}',
    '{"retryAfter":1e9}',
    '{"retryAfter":-1}',
  ])('refuses %j', text => expect(() => parseAnswer(Buffer.from(text))).toThrow(refused))
})
