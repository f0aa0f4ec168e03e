import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Logger, Plugin } from '@rtmpipe/session'
import { sampleStream, send, TestServer } from '@rtmpipe/testing'
import { describe, expect, it } from 'vitest'
import { httpCallback, jwtAuth } from '../src/auth/index.ts'
import { record } from '../src/record/index.ts'
import { relayPull, relayPush } from '../src/relay/index.ts'
import { vod } from '../src/vod/index.ts'
import { temporaryFolder } from './record/support/folder.ts'
import { connectTo } from './relay/support/connect-to.ts'

interface Line {
  readonly message: string
  readonly plugin?: unknown
}

/** A log whose lines are kept. */
function logTo(lines: Line[], bindings: object = {}): Logger {
  const add = (fields: object, message: string) => void lines.push({ ...bindings, ...fields, message })
  return { debug: add, info: add, warn: add, error: add, child: fields => logTo(lines, { ...bindings, ...fields }) }
}

/** A port where nobody listens. */
const nowhere = 'http://127.0.0.1:2'
const connect = connectTo({})

/** What to log to, by the option of each plugin, and something that it logs about. */
const subjects: Record<string, (log?: Logger) => Promise<[plugin: Plugin, provoke: (server: TestServer) => unknown]>> =
  {
    'http-callback': async log => [
      httpCallback({ url: { publish: nowhere }, retries: 0 }, log),
      server => server.publish('live/a').catch(() => {}),
    ],
    'jwt-auth': async log => [
      jwtAuth({ key: { jwks: nowhere } }, log, () => Promise.reject(new Error('no key set'))),
      server => server.publish('live/a?token=eyJhbGciOiJSUzI1NiJ9.e30.AAAA').catch(() => {}),
    ],
    record: async log => [
      record({ dir: temporaryFolder(), ...(log && { log }) }),
      async server => {
        const publisher = await server.publish('live/a')
        await send(publisher, sampleStream(3))
        publisher.end()
      },
    ],
    vod: async log => {
      const dir = temporaryFolder()
      await writeFile(join(dir, 'damaged.mp4'), 'no film')
      return [vod({ dir, ...(log && { log }) }), server => server.play('vod/damaged.mp4').catch(() => {})]
    },
    'relay-push': async log => [
      relayPush({ connect, to: ['rtmp://there/live'], ...(log && { log }) }),
      server => server.publish('live/a'),
    ],
    'relay-pull': async log => [
      relayPull({ connect, from: () => 'rtmp://there/live/a', ...(log && { log }) }),
      server => server.play('live/a'),
    ],
  }

describe.each(Object.entries(subjects))('%s', (name, subject) => {
  it('logs to the log of the server, with its name', async () => {
    const lines: Line[] = []
    const [plugin, provoke] = await subject()
    await using server = new TestServer({ plugins: [plugin], log: logTo(lines) })
    await provoke(server)
    await expect.poll(() => lines.filter(line => line.plugin === name)).not.toEqual([])
  })

  it('logs to its own log, if it was given one', async () => {
    const [own, servers]: [Line[], Line[]] = [[], []]
    const [plugin, provoke] = await subject(logTo(own))
    await using server = new TestServer({ plugins: [plugin], log: logTo(servers) })
    await provoke(server)
    await expect.poll(() => own.filter(line => line.plugin === name)).not.toEqual([])
    const hooks = servers.filter(line => line.plugin === name && !line.message.endsWith(' refused'))
    expect(hooks).toEqual([])
  })
})
