import { expect, test } from 'vitest'
import { splitSharedObjectBody } from '../src/index.ts'
import { codeOf, hex } from './support.ts'

// Name, version, flags and no events (RTMP 1.0 §7.1.3).
const rest = '0004 63686174 00000000 00000000 00000000'

test.each([0, 3] as const)('the first byte says the encoding: %i', objectEncoding => {
  const { bytes, ...parts } = splitSharedObjectBody(Buffer.concat([Buffer.of(objectEncoding), hex(rest)]))
  expect(parts).toEqual({ objectEncoding })
  expect(bytes).toEqual(hex(rest))
})

test('another encoding, or none, is an error', () => {
  expect(codeOf(() => splitSharedObjectBody(hex(`01 ${rest}`)))).toBe('RTMP_ERR_AMF_MARKER')
  expect(codeOf(() => splitSharedObjectBody(hex('')))).toBe('RTMP_ERR_AMF_TRUNCATED')
})
