import { messagePair, MemoryTransport, settled, TestServer } from '@rtmpipe/testing'
import { describe, expect, it } from 'vitest'
import type { Host } from '../../src/contract/host.ts'
import type { Plugin } from '../../src/contract/plugin.ts'
import { RtmpClient } from '../../src/client/rtmp-client.ts'
import { RtmpServer } from '../../src/server/rtmp-server.ts'
import { RecordingLog } from '../support/recording-log.ts'

/** Writes down what it is told; `setUp` is called in its set-up. */
function witness(name: string, told: string[], setUp: (host: Host) => unknown = () => {}): Plugin {
  return {
    name,
    async setup(host) {
      told.push(`${name} setup`)
      await setUp(host)
      host.signal.addEventListener('abort', () => told.push(`${name} abort`))
    },
    onListen: () => void told.push(`${name} listen`),
    onClose: () => void told.push(`${name} close`),
  }
}

const broken = (name: string, told: string[]) =>
  witness(name, told, () => {
    throw new Error('the database is down')
  })

/** A promise to be settled from outside. */
function gate() {
  let open = () => {}
  const opened = new Promise<void>(resolve => (open = resolve))
  return { opened, open }
}

const peer = { transport: 'memory', secure: true, remote: { address: 'memory', port: 0 } }

describe('setup', () => {
  it('is awaited in list order before the server listens', async () => {
    const told: string[] = []
    const slow = gate()
    const transport = new MemoryTransport()
    const listen = transport.listen.bind(transport)
    transport.listen = (...args) => {
      told.push('bound')
      return listen(...args)
    }
    const server = new RtmpServer({
      transports: [transport],
      plugins: [witness('a', told, () => slow.opened), witness('b', told)],
    })
    const listening = server.listen()
    await settled()
    expect(told).toEqual(['a setup'])
    slow.open()
    await listening
    expect(told).toEqual(['a setup', 'b setup', 'bound', 'a listen', 'b listen'])
    await server.close()
    expect(told.slice(5)).toEqual(['a abort', 'b abort', 'a close', 'b close'])
  })

  it('that throws fails listen() with the name of the plugin; those before it are told onClose', async () => {
    const told: string[] = []
    const transport = new MemoryTransport()
    const plugins = [witness('a', told), { name: 'plain', onClose: () => void told.push('plain close') }]
    const server = new RtmpServer({
      transports: [transport],
      plugins: [...plugins, broken('users', told), witness('late', told)],
    })
    await expect(server.listen()).rejects.toMatchObject({
      code: 'RTMP_ERR_PLUGIN',
      plugin: 'users',
      hook: 'setup',
      message: 'plugin users, setup: the database is down',
    })
    expect(told).toEqual(['a setup', 'users setup', 'a abort', 'a close', 'plain close'])
    expect(server.listeners).toEqual([])
    await server.close()
    expect(told).toHaveLength(5)
  })

  it('is given the log with the name of the plugin, and the server', async () => {
    const log = new RecordingLog()
    let host: Host | undefined
    await using test = new TestServer({ log, plugins: [{ name: 'mine', setup: given => void (host = given) }] })
    await test.connect('live')
    host?.log.info({ a: 1 }, 'set up')
    expect(log.lines).toContainEqual({ level: 'info', message: 'set up', plugin: 'mine', a: 1 })
    expect([...(host?.server.connections ?? [])].map(({ app }) => app)).toEqual(['live'])
    expect(host?.server.streams).toBe(test.server.streams)
    expect(host?.server.players).toBe(test.server.players)
  })

  it('that is not done at the end is given up: close() does not wait for it', async () => {
    const told: string[] = []
    let aborted = false
    const never = witness('never', told, ({ signal }) => {
      signal.addEventListener('abort', () => (aborted = true))
      return new Promise(() => {})
    })
    const server = new RtmpServer({ transports: [], plugins: [witness('a', told), never] })
    const listening = server.listen()
    await settled()
    await server.close()
    await expect(listening).rejects.toMatchObject({ code: 'RTMP_ERR_USAGE' })
    expect(aborted).toBe(true)
    expect(told).toEqual(['a setup', 'never setup', 'a abort', 'a close'])
  })

  it('is awaited for the first connection of a server that does not listen', async () => {
    const told: string[] = []
    const slow = gate()
    const server = new RtmpServer({ transports: [], plugins: [witness('a', told, () => slow.opened)] })
    const [near, far] = messagePair()
    server.serve(far, peer)
    const client = new RtmpClient(near)
    const connected = client.connect({ app: 'live', tcUrl: 'memory://server/live' })
    await settled()
    expect(told).toEqual(['a setup'])
    expect(server.connections.size).toBe(0)
    slow.open()
    await connected
    expect(server.connections.size).toBe(1)
    client.messages.destroy()
    await server.close()
    expect(told).toEqual(['a setup', 'a abort', 'a close'])
  })

  it('that fails for a server that does not listen refuses every connection, and says why', async () => {
    const log = new RecordingLog()
    const server = new RtmpServer({ transports: [], log, plugins: [broken('users', [])] })
    for (let time = 0; time < 2; time += 1) {
      const [near, far] = messagePair()
      const closed = new Promise<void>(resolve => near.once('close', resolve))
      near.on('error', () => {})
      near.resume()
      server.serve(far, peer)
      await closed
    }
    const [line] = log.at('error')
    expect(line?.['err']).toMatchObject({ code: 'RTMP_ERR_PLUGIN', plugin: 'users' })
    expect(log.at('error')).toHaveLength(2)
    await server.close()
  })

  it('is waited for by connections that fail meanwhile, and late', async () => {
    const slow = gate()
    const server = new RtmpServer({ transports: [], plugins: [witness('a', [], () => slow.opened)] })
    const [, far] = messagePair()
    const [failing, failed] = [gate(), gate()]
    const { _destroy } = far
    far._destroy = (error, done) => void failing.opened.then(() => _destroy.call(far, error, done))
    server.serve(far, peer)
    far.destroy(new Error('reset'))
    far.once('close', failed.open)
    slow.open()
    await settled()
    failing.open()
    await failed.opened
    await server.close()
  })

  it('counts connections that wait for it among maxConnections', async () => {
    const slow = gate()
    const log = new RecordingLog()
    const server = new RtmpServer({
      transports: [],
      log,
      limits: { maxConnections: 2 },
      plugins: [witness('a', [], () => slow.opened)],
    })
    const far = Array.from({ length: 3 }, () => messagePair()[1])
    for (const messages of far) server.serve(messages, peer)
    expect(far.map(({ destroyed }) => destroyed)).toEqual([false, false, true])
    slow.open()
    await settled()
    expect(server.connections.size).toBe(2)
    for (const messages of far) messages.destroy()
    await server.close()
  })
})

describe('setup of plugins that come later', () => {
  it('is awaited by replacePlugins, and only for those that are new', async () => {
    const told: string[] = []
    const slow = gate()
    const [old, added] = [witness('old', told), witness('new', told, () => slow.opened)]
    await using test = new TestServer({ plugins: [old] })
    await test.connect('live')
    const replaced = test.server.replacePlugins([old, added])
    await settled()
    expect(told).toEqual(['old setup', 'old listen', 'new setup'])
    slow.open()
    await replaced
    expect(told.slice(3)).toEqual(['new listen'])
  })

  it('that throws rejects replacePlugins and changes nothing', async () => {
    const told: string[] = []
    const asked: string[] = []
    const old: Plugin = { ...witness('old', told), onConnect: () => void asked.push('old') }
    await using test = new TestServer({ plugins: [old] })
    await test.connect('live')
    const list = [witness('good', told), broken('bad', told), witness('late', told)]
    await expect(test.server.replacePlugins(list)).rejects.toMatchObject({ plugin: 'bad', hook: 'setup' })
    expect(told.slice(2)).toEqual(['good setup', 'bad setup', 'good abort', 'good close'])
    await test.connect('live')
    expect(asked).toEqual(['old', 'old'])
  })

  it('ends with the use of the plugin: its signal is aborted before onClose', async () => {
    const told: string[] = []
    await using test = new TestServer({ plugins: [witness('old', told)] })
    const client = await test.connect('live')
    await test.server.replacePlugins([])
    expect(told).toEqual(['old setup', 'old listen'])
    await client.close()
    await expect.poll(() => told.slice(2), { interval: 1 }).toEqual(['old abort', 'old close'])
  })

  it('waits for a replacement that is under way', async () => {
    const told: string[] = []
    const slow = gate()
    await using test = new TestServer()
    await test.connect('live')
    const first = test.server.replacePlugins([witness('first', told, () => slow.opened)])
    const second = test.server.replacePlugins([witness('second', told)])
    await settled()
    expect(told).toEqual(['first setup'])
    slow.open()
    await Promise.all([first, second])
    expect(told.filter(line => line.endsWith('setup'))).toEqual(['first setup', 'second setup'])
    expect(told).toContain('first close')
  })

  it('is not begun any more when the server closes, which waits for none', async () => {
    const told: string[] = []
    await using test = new TestServer()
    await test.connect('live')
    const first = test.server.replacePlugins([witness('first', told, () => new Promise(() => {}))])
    const second = test.server.replacePlugins([witness('second', told)])
    const replaced = Promise.allSettled([first, second])
    await settled()
    await test.server.close()
    expect((await replaced).map(({ status }) => status)).toEqual(['rejected', 'rejected'])
    expect(told).toEqual(['first setup'])
  })

  it('is taken back before close() resolves', async () => {
    const told: string[] = []
    const slow = gate()
    const good: Plugin = {
      ...witness('good', told),
      onClose: () => slow.opened.then(() => void told.push('good close')),
    }
    const test = new TestServer()
    await test.connect('live')
    const replaced = test.server.replacePlugins([good, witness('stuck', told, () => new Promise(() => {}))])
    const ended = replaced.catch(() => {})
    await settled()
    const closed = test.server.close().then(() => void told.push('closed'))
    await settled()
    slow.open()
    await Promise.all([closed, ended])
    expect(told).toEqual(['good setup', 'stuck setup', 'good abort', 'good close', 'closed'])
  })

  it('is nothing for players in process that come after the end', async () => {
    const told: string[] = []
    const server = new RtmpServer({ transports: [], plugins: [witness('late', told)] })
    await server.close()
    const who = { transport: 'memory', remote: peer.remote }
    await expect(server.play('live', 'name', who)).rejects.toMatchObject({
      statusCode: 'NetConnection.Connect.Rejected',
    })
    expect(told).not.toContain('late setup')
  })
})
