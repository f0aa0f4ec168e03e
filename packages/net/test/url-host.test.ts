import { expect, it } from 'vitest'
import { urlHost } from '../src/index.ts'

it.each([
  ['rtmp://example.com/live', 'example.com'],
  ['rtmp://[::1]:1935/live', '::1'],
  ['rtmp://bücher.example/live', 'xn--bcher-kva.example'],
  ['rtmps://127.0.0.1/live', '127.0.0.1'],
  ['rtmp://%ff/live', ''],
])('%s has the host %j', (url, host) => {
  expect(urlHost(new URL(url))).toBe(host)
})
