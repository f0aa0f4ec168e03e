import { describe, expect, it } from 'vitest'
import { keyLogLine, rtmfp, type RtmfpSessionKeys } from '../src/index.ts'
import { KeyLogError, parseKeyLog } from '../src/wire.ts'

const keys: RtmfpSessionKeys = {
  initiator: { address: '192.0.2.1', port: 40_000, sessionId: 0x02000000 },
  responder: { address: '::', port: 1935, sessionId: 0xfedcba98 },
  initiatorToResponder: {
    aesKey: Buffer.from('000102030405060708090a0b0c0d0e0f', 'hex'),
    hmac: { key: Buffer.alloc(32, 0x77), length: 10 },
    isNumbered: true,
  },
  responderToInitiator: { aesKey: Buffer.alloc(16, 0xff), isNumbered: false },
}
const line =
  '{"initiator":{"address":"192.0.2.1","port":40000,"sessionId":"02000000"},' +
  '"responder":{"address":"::","port":1935,"sessionId":"fedcba98"},' +
  `"initiatorToResponder":{"aes":"000102030405060708090a0b0c0d0e0f","hmac":"${'77'.repeat(32)}","hmacLength":10,"sequence":true},` +
  `"responderToInitiator":{"aes":"${'ff'.repeat(16)}","hmac":null,"hmacLength":0,"sequence":false}}\n`

describe('a key log', () => {
  it('has a line for each session, which says all that reading its packets takes', () => {
    expect(keyLogLine(keys)).toBe(line)
    expect(parseKeyLog(`${line}\n${line}`)).toEqual([keys, keys])
    expect(parseKeyLog('')).toEqual([])
  })

  it.each([
    ['hello', /^line 2 is not of an RTMFP key log: it is not JSON$/],
    ['null', /it is not an object$/],
    ['{}', /initiator is not an object$/],
    [line.replace('"02000000"', '"2000000"'), /initiator\.sessionId is not 8 hex digits$/],
    [line.replace('000102', '0001xx'), /initiatorToResponder\.aes is not 32 hex digits$/],
    [line.replace('"77', '"'), /initiatorToResponder\.hmac is not 64 hex digits$/],
    [line.replace(':10,', ':3,'), /initiatorToResponder\.hmacLength is not a whole number from 4 to 32$/],
    [line.replace('40000', '-1'), /initiator\.port is not a whole number from 0 to 65535$/],
    [line.replace('"sequence":false', '"sequence":0'), /responderToInitiator\.sequence is neither true nor false$/],
  ])('%j is none, which is said without the keys', (text, reason) => {
    const read = () => parseKeyLog(`${line}${text}`)
    expect(read).toThrow(KeyLogError)
    expect(read).toThrow(reason)
    expect(read).not.toThrow(/7777|ffff|0405/)
  })
})

it('both ends tell the keys of a session before its first message, once, and the same ones', async () => {
  const told: [string, RtmfpSessionKeys][] = []
  const listening = rtmfp({ port: 0, onKeys: it => told.push(['responder', it]) })
  const listener = await listening.listen(({ messages }) => {
    expect(told.map(([who]) => who)).toEqual(['responder'])
    messages.resume()
  })
  const { port } = listener.address
  const dialling = rtmfp({ onKeys: it => told.push(['initiator', it]) })
  const { messages } = await dialling.dial(new URL(`rtmfp://127.0.0.1:${port}/live`))
  messages.destroy()
  await listener.close()
  expect(told.map(([who]) => who)).toEqual(['responder', 'initiator'])
  const [responder, initiator] = told.map(([, it]) => it) as [RtmfpSessionKeys, RtmfpSessionKeys]
  expect(initiator.initiatorToResponder).toEqual(responder.initiatorToResponder)
  expect(initiator.responderToInitiator).toEqual(responder.responderToInitiator)
  expect(initiator.initiatorToResponder.aesKey).not.toEqual(initiator.responderToInitiator.aesKey)
  expect([initiator.initiator.sessionId, initiator.responder.sessionId]).toEqual([
    responder.initiator.sessionId,
    responder.responder.sessionId,
  ])
  expect(responder.responder).toMatchObject({ address: '127.0.0.1', port })
  expect(initiator.responder).toMatchObject({ address: '127.0.0.1', port })
  expect(responder.initiator.port).toBe(initiator.initiator.port)
})
