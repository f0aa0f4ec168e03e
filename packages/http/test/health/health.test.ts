import { TestServer } from '@rtmpipe/testing'
import { describe, expect, it } from 'vitest'
import { health, http } from '../../src/index.ts'
import { quietHost, quietServer } from '../support/host.ts'
import { served } from '../support/served.ts'

describe('health()', () => {
  it('is well while the server serves, and is not while it drains', async () => {
    const { test, get } = await served({ mount: [health()] })
    const player = await test.connect('live')
    for (const path of ['/health', '/ready']) {
      const answer = await get(path)
      expect(answer.status).toBe(200)
      expect(await answer.json()).toEqual({ status: 'ok' })
    }
    const drained = test.server.drain()
    for (const path of ['/health', '/ready']) {
      const answer = await get(path)
      expect(answer.status).toBe(503)
      expect(await answer.json()).toEqual({ status: 'draining' })
    }
    player.messages.destroy()
    await drained
  })

  it('is not ready before the server listens', async () => {
    let early: Response | undefined
    const web = http({ port: 0, mount: [health()] })
    const slow = {
      name: 'slow',
      setup: async () => {
        early = await fetch(`http://127.0.0.1:${web.address?.port}/ready`)
      },
    }
    await using test = new TestServer({ plugins: [web, slow] })
    await test.server.listen()
    expect(early?.status).toBe(503)
    expect(await early?.json()).toEqual({ status: 'starting' })
    expect((await fetch(`http://127.0.0.1:${web.address?.port}/ready`)).status).toBe(200)
  })

  it('needs no token, where nothing but health is mounted no token is asked for either', async () => {
    const lines: string[] = []
    const log = { ...quietHost().log, warn: (_fields: object, message: string) => void lines.push(message) }
    const web = http({ port: 0, host: '0.0.0.0', mount: [health()] })
    await web.setup?.(quietHost({ log, server: quietServer() }))
    await web.onClose?.()
    expect(lines).toEqual([])
  })
})
