import { expect, it } from 'vitest'
import { dialTarget } from '../../src/client/dial-target.ts'

it.each([
  ['rtmpt://example.com/live', { secure: false, host: 'example.com', port: 80 }],
  ['rtmpts://example.com/live', { secure: true, host: 'example.com', port: 443 }],
  ['RTMPT://example.com:8080', { secure: false, host: 'example.com', port: 8080 }],
  ['rtmpt://[2001:db8::1]:81/live', { secure: false, host: '2001:db8::1', port: 81 }],
  ['rtmpts://b%C3%BCcher.example/live', { secure: true, host: 'xn--bcher-kva.example', port: 443 }],
  ['rtmpt://user:secret@example.com/live?x=1', { secure: false, host: 'example.com', port: 80 }],
])('%s', (url, target) => expect(dialTarget(new URL(url))).toEqual(target))
