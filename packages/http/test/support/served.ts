import type { Plugin } from '@rtmpipe/session'
import { TestServer } from '@rtmpipe/testing'
import { onTestFinished } from 'vitest'
import { http, type HttpOptions, type HttpPlugin, type Mount } from '../../src/index.ts'

/** A server with an HTTP port, which ends with the test. */
export interface Served {
  readonly test: TestServer
  readonly web: HttpPlugin
  readonly port: number
  readonly base: string
  /** `fetch` of a path. */
  get(path: string, init?: RequestInit): Promise<Response>
  /** The same with a token. */
  as(token: string): (path: string, init?: RequestInit) => Promise<Response>
}

export const token = 'a-token-of-the-administrator'
export const viewToken = 'a-token-to-look'

/** Routes that need a role, and one that needs none. */
export const doors: Mount = async (app, { access }) => {
  app.get('/open', async () => ({ open: true }))
  app.get('/look', { onRequest: access.requires('view') }, async () => ({ looked: true }))
  app.post('/change', { onRequest: access.requires('operate') }, async ({ body }) => ({ changed: body ?? null }))
  app.post('/fail', async () => {
    throw new Error('a secret of the inside')
  })
}

export async function served(options: HttpOptions = {}, plugins: readonly Plugin[] = []): Promise<Served> {
  const web = http({ port: 0, token, viewToken, mount: [doors], ...options })
  const test = new TestServer({ plugins: [...plugins, web] })
  onTestFinished(() => test[Symbol.asyncDispose]())
  await test.server.listen()
  const port = web.address?.port ?? 0
  const base = `http://127.0.0.1:${port}`
  const get = (path: string, init?: RequestInit) => fetch(base + path, init)
  const as = (secret: string) => (path: string, init?: RequestInit) => {
    const headers = new Headers(init?.headers)
    headers.set('authorization', `Bearer ${secret}`)
    return get(path, { ...init, headers })
  }
  return { test, web, port, base, get, as }
}
