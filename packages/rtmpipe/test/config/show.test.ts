import { expect, it } from 'vitest'
import { leavesOf } from '../../src/config/show.ts'
import { schema } from '../../src/sections/index.ts'

it.each([
  ['rtmp://host/app', '"rtmp://host/app"'],
  ['rtmp://name:hush@host:1935/app', '"rtmp://host:1935/app"'],
  ['rtmp://name:hu@sh@host/app?key=hush', '"rtmp://host/app?******"'],
  ['rtmp://name:12/hush@host/app', '******'],
  ['nothing of a URL', '******'],
])('shows of the URL %s no more than %s', (url, shown) => {
  expect(leavesOf(schema, { relay: { push: { to: [url] } } })).toEqual([{ path: ['relay', 'push', 'to', 0], shown }])
})

it.each([
  ['socks5h://name:hush@host:1080', '"socks5h://host:1080"'],
  [false, 'false'],
])('shows of the proxy %s no more than %s', (proxy, shown) => {
  expect(leavesOf(schema, { relay: { push: { proxy } } })).toEqual([{ path: ['relay', 'push', 'proxy'], shown }])
})
