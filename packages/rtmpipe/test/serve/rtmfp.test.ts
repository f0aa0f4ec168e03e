import { createHash } from 'node:crypto'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { sampleStream, samples, take } from '@rtmpipe/testing'
import { describe, expect, it, onTestFinished } from 'vitest'
import { freePort } from '../../../../test/support/free-port.ts'
import { ServerProcess } from '../../../../test/support/server-process.ts'
import { TemporaryFolder } from '../../../../test/support/temporary-folder.ts'
import { words } from '../../../../test/support/words.ts'
import { connect, MessageType, type RtmpMessage } from '../../src/index.ts'
import { publicAddressOf } from '../../src/sections/server.ts'
import { closed } from '../support/closed.ts'
import { failureHere, failureOf, rtmpipe } from '../support/command.ts'
import { readFlv, writeFlv } from '../support/flv.ts'
import { essence, statusCodes } from '../support/messages.ts'

const allOff = words`--rtmp off --rtmps off --rtmpt off --rtmpts off`

/** Where it says that it listens over UDP. */
async function rtmfpOf({ program }: Pick<ServerProcess, 'program'>): Promise<string> {
  const [, url = ''] = await program.waitForLine(/^rtmpipe listening on (rtmfp:\/\/\S+)$/)
  return url
}

/** Short enough to be read when it differs. */
function hashed(text: string): string {
  const [type, time, payload = ''] = text.split(' ')
  return `${type} ${time} ${createHash('md5').update(payload).digest('hex').slice(0, 8)}`
}

function byKind(messages: readonly RtmpMessage[]): Record<string, string[]> {
  const of = (type: number) => essence(messages.filter(({ messageTypeId }) => messageTypeId === type)).map(hashed)
  return { audio: of(MessageType.Audio), video: of(MessageType.Video) }
}

describe('rtmpipe serve --rtmfp', () => {
  it('listens at the number of RTMP too, says so, and files go both ways with the commands', async () => {
    await using folder = await TemporaryFolder.create()
    const port = await freePort()
    await using program = rtmpipe(
      ...words`serve --rtmp ${port} --rtmps off --rtmpt off --rtmpts off --rtmfp ${port} --data ${folder.path}`,
    )
    await program.waitForLine(/^rtmpipe ready$/)
    const [rtmp, rtmfp] = [`rtmp://127.0.0.1:${port}`, `rtmfp://127.0.0.1:${port}`]
    const source = folder.file('source.flv')
    await writeFlv(source, sampleStream(25, 10))
    for (const [from, to] of [
      [rtmp, rtmfp],
      [rtmfp, rtmp],
      [rtmfp, rtmfp],
    ] as const) {
      const name = `${new URL(from).protocol}${new URL(to).protocol}`.replaceAll(':', '')
      const copy = folder.file(`${name}.flv`)
      await using player = rtmpipe('play', `${to}/live/${name}`, '-o', copy)
      await program.waitForLine(new RegExp(`"stream":"${name}".*"play started"`))
      // In real time: what is sent at once over RTMFP comes sound first.
      await using publisher = rtmpipe('publish', source, `${from}/live/${name}`)
      await publisher.finish(0)
      await player.finish(0)
      expect(byKind(await readFlv(copy)), name).toEqual(byKind(await readFlv(source)))
    }
    program.kill()
    const { stdout, stderr } = await program.finish(0)
    expect(stdout).toEqual([`rtmpipe listening on ${rtmp}`, `rtmpipe listening on ${rtmfp}`, 'rtmpipe ready'])
    expect(JSON.parse(stderr[0] ?? '')).toMatchObject({ rtmfp: `npx rtmpipe play ${rtmfp}/live/stream` })
    const started = stderr.filter(line => line.includes('"publish started"')).map(line => JSON.parse(line))
    expect(started.map(({ transport }) => transport)).toEqual(['rtmp', 'rtmfp', 'rtmfp'])
  })

  it.each([
    ['live.example.com', /^rtmfp:\/\/live\.example\.com:(?!0)\d+$/],
    ['192.0.2.7:4000', /^rtmfp:\/\/192\.0\.2\.7:4000$/],
    ['[2001:db8::7]:4000', /^rtmfp:\/\/\[2001:db8::7\]:4000$/],
  ])('tells %s, which clients reach it at', async (address, url) => {
    await using folder = await TemporaryFolder.create()
    await using program = rtmpipe(...words`serve ${allOff} --rtmfp 0 --rtmfp-public ${address} --data ${folder.path}`)
    await program.waitForLine(/^rtmpipe ready$/)
    const told = await rtmfpOf({ program })
    expect(told).toMatch(url)
    program.kill()
    const { stderr } = await program.finish(0)
    expect(JSON.parse(stderr[0] ?? '')).toMatchObject({
      server: `${told}/live`,
      publish: `npx rtmpipe publish video.flv ${told}/live/stream`,
      play: `npx rtmpipe play ${told}/live/stream`,
    })
  })

  it.each([
    [
      '--rtmfp 1935 --rtmfp-public 2001:db8::7',
      /--rtmfp-public 2001:db8::7: expected HOST or HOST:PORT, like .*\[2001:db8::7\]:1935$/,
    ],
    ['--rtmfp 1935 --rtmfp-public host:70000', /--rtmfp-public host:70000: expected HOST or HOST:PORT/],
    ['--rtmfp 1935 --rtmfp-public rtmfp://host', /--rtmfp-public rtmfp:\/\/host: expected HOST or HOST:PORT/],
    ['--rtmfp 1935 --rtmfp-public 300.1.1.1', /--rtmfp-public 300.1.1.1: expected HOST or HOST:PORT/],
    ['--rtmfp-public host', /--rtmfp-public: it is for rtmfp, which is off$/],
    ['--rtmfp 65536', /--rtmfp 65536: expected a port from 0 to 65535, or off$/],
  ])('refuses %s', async (text, hint) => {
    expect(await failureHere(2, 'serve', ...text.split(' '))).toMatch(hint)
  })

  it('names the option of a port that is taken, of UDP', async () => {
    const socket = createSocket('udp4')
    onTestFinished(() => void socket.close())
    // Of those that the system gives nobody: for TCP it has to be free.
    const port = await freePort()
    socket.bind(port, '127.0.0.1')
    await once(socket, 'listening')
    expect(
      await failureOf(2, ...words`serve --rtmp ${port} --rtmps off --rtmpt off --rtmpts off --rtmfp ${port}`),
    ).toBe(
      `rtmpipe: UDP port ${port} on 127.0.0.1 is in use: choose another with --rtmfp PORT (0 takes a free one), or --rtmfp off`,
    )
  })

  it('is 1935 without a number, and what the environment or the file says', async () => {
    const shown = async (env: Readonly<Record<string, string>>, ...args: readonly string[]) => {
      await using server = await ServerProcess.start({ env, args })
      return new URL(await rtmfpOf(server)).host
    }
    // Somebody else may have it just now.
    await using folder = await TemporaryFolder.create()
    await using doctor = rtmpipe(...words`doctor ${allOff} --rtmfp --data ${folder.path} --json`)
    const { stdout } = await doctor.finish(0, 1)
    expect(stdout.join('\n')).toMatch(/"text": "rtmfp 1935 is /)
    const port = await freePort()
    expect(await shown({ RTMPIPE_RTMFP: String(port) })).toBe(`127.0.0.1:${port}`)
    const file = folder.file('rtmpipe.config.json')
    await writeFile(file, JSON.stringify({ rtmfp: port, rtmfpPublic: 'live.example.com' }))
    expect(await shown({}, '--config', file)).toBe(`live.example.com:${port}`)
  })

  it.each(['::1', 'localhost'])('listens on %s, and when it ends it tells who is there', async host => {
    await using folder = await TemporaryFolder.create()
    await using program = rtmpipe(...words`serve ${allOff} --host ${host} --rtmfp 0 --data ${folder.path}`)
    const client = await connect(`${await rtmfpOf({ program })}/live`)
    const player = await client.play('cam')
    const told = statusCodes(client)
    const gone = [client.messages, player.resume()].map(closed)
    player.on('error', () => {})
    const asked = performance.now()
    program.kill()
    await program.finish(0)
    expect(performance.now() - asked).toBeLessThan(5_000)
    await Promise.all(gone)
    expect(told).toContain('NetConnection.Connect.AppShutdown')
  })

  it('is shown, counted and ended by the API as any other', async () => {
    await using server = await ServerProcess.start({ args: words`--rtmfp 0 --admin-token secret-of-the-test` })
    const url = await rtmfpOf(server)
    const client = await connect(`${url}/live`)
    const publisher = await client.publish('cam')
    publisher.on('error', () => {})
    const viewer = await connect(`${server.urls.rtmp}/live`)
    const player = await viewer.play('cam')
    const sent = sampleStream(10)
    for (const message of sent) publisher.write(message)
    await take(player, sent.length)

    const http = server.urls.rtmpt.replace('rtmpt:', 'http:')
    const headers = { authorization: 'Bearer secret-of-the-test' }
    const { items } = (await (await fetch(`${http}/api/v1/connections`, { headers })).json()) as {
      items: readonly { id: string; transport: string; received: number }[]
    }
    const [own] = items.filter(({ transport }) => transport === 'rtmfp')
    expect(own?.received).toBeGreaterThan(8_000)
    const metrics = await (await fetch(`${http}/metrics`, { headers })).text()
    expect(metrics).toMatch(/^rtmpipe_connections\{transport="rtmfp"\} 1$/m)
    const gone = once(client.messages, 'close')
    const kicked = await fetch(`${http}/api/v1/connections/${own?.id}`, { method: 'DELETE', headers })
    expect(kicked.status).toBeLessThan(300)
    await gone
    await viewer.close()
  })

  it('is served by the first of several workers, whose streams the others have, and the other way round', async () => {
    await using server = await ServerProcess.start({ args: words`--workers 2 --rtmfp 0` })
    const url = await rtmfpOf(server)
    const clients = [await connect(`${url}/live`)]
    // Connections go to the workers in turn.
    for (let index = 0; index < 4; index += 1) clients.push(await connect(`${server.urls.rtmp}/live`))
    const [udp, ...others] = clients
    const publisher = await udp?.publish('udp')
    publisher?.write(samples.keyframe(0))
    for (const client of others) {
      const player = await client.play('udp')
      expect(essence(await take(player, 1))).toEqual(essence([samples.keyframe(0)]))
    }
    for (const [index, client] of others.entries()) {
      const stream = await client.publish(`tcp${index}`)
      stream.write(samples.keyframe(0))
      const player = await udp?.play(`tcp${index}`)
      if (player !== undefined) expect(essence(await take(player, 1))).toEqual(essence([samples.keyframe(0)]))
    }
    for (const client of clients) await client.close()
    server.program.kill('SIGTERM')
    const { stderr } = await server.program.finish(0)
    const workers = new Set(
      stderr.flatMap(line => (line.includes('"connected"') ? [(JSON.parse(line) as { worker: number }).worker] : [])),
    )
    expect(workers).toEqual(new Set([0, 1]))
  })
})

it.each([
  ['live.example.com', { host: 'live.example.com', port: undefined }],
  ['live.example.com:1', { host: 'live.example.com', port: 1 }],
  ['192.0.2.7:65535', { host: '192.0.2.7', port: 65_535 }],
  ['[::1]', { host: '::1', port: undefined }],
  ['[2001:db8::7]:1935', { host: '2001:db8::7', port: 1935 }],
  ['::1', undefined],
  ['[192.0.2.7]', undefined],
  ['host:0', undefined],
  ['host:', undefined],
  ['-host', undefined],
  ['host/app', undefined],
  ['user@host', undefined],
  ['', undefined],
])('a public address %j is %j', (text, address) => {
  expect(publicAddressOf(text)).toEqual(address)
})
