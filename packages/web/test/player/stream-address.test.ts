import { expect, test } from 'vitest'
import { streamAddress } from '../../src/browser/player/stream-address.ts'

test('a path is one of the server of the page, as secure as the page is', () => {
  expect(streamAddress('/live/show?key=1', 'https://example.com')).toBe('wss://example.com/live/show?key=1')
  expect(streamAddress('/live/show', 'http://127.0.0.1:8080')).toBe('ws://127.0.0.1:8080/live/show')
})

test('an address stays as it was written', () => {
  expect(streamAddress('wss://other.example/live/a b', 'https://example.com')).toBe('wss://other.example/live/a b')
})
