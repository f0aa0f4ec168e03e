import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { send } from '../../src/hls/serve/send.ts'
import { answerTo, rawSocket } from '../support/raw-answer.ts'

it('ends the connection where a file has less than was said', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'send-'))
  onTestFinished(() => rm(dir, { recursive: true, force: true }))
  const path = join(dir, 'main-1.m4s')
  await writeFile(path, Buffer.alloc(500, 'x'))
  const server = createServer((request, response) => {
    const body = { path, size: request.url === '/all' ? 500 : 1_000 }
    send(request, response, { type: 'video/mp4', body, cacheControl: 'no-store' }, {})
  }).listen(0, '127.0.0.1')
  // Whoever waits for the rest waits for long.
  server.keepAliveTimeout = 0
  onTestFinished(() => void server.close())
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const whole = await answerTo(await rawSocket(port), 'GET /all HTTP/1.1\r\nHost: a\r\n\r\n', /x{500}$/)
  expect(whole).toMatch(/x{500}$/)
  const text = await answerTo(await rawSocket(port), 'GET /more HTTP/1.1\r\nHost: a\r\n\r\n')
  expect(text).toMatch(/Content-Length: 1000\r\n/)
})
