import { readFile } from 'node:fs/promises'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { connect } from 'rtmpipe'
import { sampleStream, send, take } from '@rtmpipe/testing'
import { describe, expect, it, onTestFinished } from 'vitest'
import { requireClient } from '../support/programs.ts'
import { clientAt } from '../support/address-proxies.ts'
import { Proxy, type ProxyName } from '../support/proxy.ts'
import { ServerProcess } from '../support/server-process.ts'

const names: readonly ProxyName[] = ['nginx', 'haproxy', 'caddy', 'apache']
const portOf = (url: string) => Number(new URL(url.replace(/^rtmpt?s?/, 'http')).port)

describe.each(names)('behind %s', name => {
  it('clients publish and play through HTTP and HTTPS', async context => {
    await requireClient(context, name)
    await using server = await ServerProcess.start({ args: ['--trust-proxy', '127.0.0.1'] })
    await using proxy = await Proxy.start(name, portOf(server.urls.rtmpt), portOf(server.urls.rtmp))
    await tellsClients(proxy, server)
    const events = await eventsOf(proxy, server)
    const publisher = await connect(`rtmpt://${proxy.http}/live`)
    const player = await connect(`rtmpts://${proxy.https}/live`, { insecure: true })
    const playing = await player.play('show')
    await send(await publisher.publish('show'), sampleStream(50))
    const messages = await take(playing, 100)
    expect(messages).toHaveLength(100)
    for (const url of [`http://${proxy.http}/health`, `http://${proxy.http}/ready`])
      expect((await fetch(url)).status, url).toBe(200)
    await events.until('"publish.start"')
    await publisher.close()
    await player.close()
    await server.stop()
  })

  // Apache sees that a client of events has gone when it has the next one for it.
  it.skipIf(name === 'apache')('events come as they happen', async context => {
    await requireClient(context, name)
    // Sends the second event only to who has had the first.
    let sendNext = () => {}
    let isGone: Promise<unknown> = Promise.resolve()
    const upstream = createServer((request, response) => {
      if (request.url === '/health') return response.end()
      response.writeHead(200, { 'content-type': 'text/event-stream' }).write('id: 1\ndata: {}\n\n')
      isGone = once(response, 'close')
      sendNext = () => void response.write('id: 2\ndata: {}\n\n')
    })
    upstream.listen(0, '127.0.0.1')
    await once(upstream, 'listening')
    onTestFinished(() => {
      upstream.close()
      upstream.closeAllConnections()
    })
    await using proxy = await Proxy.start(name, (upstream.address() as AddressInfo).port)
    const response = await fetch(`http://${proxy.http}/api/v1/events`)
    expect(response.headers.get('content-type')).toBe('text/event-stream')
    const reader = response.body?.getReader()
    expect(await textOf(reader)).toBe('id: 1\ndata: {}\n\n')
    sendNext()
    expect(await textOf(reader)).toBe('id: 2\ndata: {}\n\n')
    await reader?.cancel()
    // Nothing is kept for who has gone.
    await isGone
  })
})

it('haproxy passes RTMP on', async context => {
  await requireClient(context, 'haproxy')
  await using server = await ServerProcess.start()
  await using proxy = await Proxy.start('haproxy', portOf(server.urls.rtmpt), portOf(server.urls.rtmp))
  const client = await connect(`rtmp://${proxy.rtmp}/live`)
  const playing = await client.play('show')
  await send(await client.publish('show'), sampleStream(50))
  expect(await take(playing, 100)).toHaveLength(100)
  await client.close()
  await server.stop()
})

/** Wrong tokens of one client are counted for that client, whatever it says of itself. */
async function tellsClients(proxy: Proxy, server: ServerProcess): Promise<void> {
  await using at = await clientAt('127.0.0.77', Number(new URL(`http://${proxy.http}`).port))
  for (let attempt = 0; attempt < 10; attempt += 1) {
    const headers = {
      authorization: 'Bearer wrong',
      'x-forwarded-for': `198.51.100.${attempt}`,
      forwarded: `for=198.51.100.${attempt}`,
    }
    expect((await fetch(`http://127.0.0.1:${at.port}/api/v1/connections`, { headers })).status).toBe(401)
  }
  await server.program.waitForLine(/too many wrong tokens/, line => line.input?.includes('"127.0.0.77"') === true)
}

/** The server's events, as they come through a proxy. */
async function eventsOf(proxy: Proxy, server: ServerProcess): Promise<{ until(word: string): Promise<void> }> {
  const token = (await readFile(server.data.file('admin-token'), 'utf8')).trim()
  const response = await fetch(`http://${proxy.http}/api/v1/events`, { headers: { authorization: `Bearer ${token}` } })
  expect(response.status).toBe(200)
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader()
  return {
    async until(word) {
      for (let text = ''; !text.includes(word); ) {
        const { value, done } = (await reader?.read()) ?? { done: true }
        if (done) throw new Error(`the events ended without ${word}: ${text}`)
        text += value
      }
      await reader?.cancel()
    },
  }
}

async function textOf(reader: ReadableStreamDefaultReader<Uint8Array> | undefined): Promise<string> {
  return new TextDecoder().decode((await reader?.read())?.value)
}
