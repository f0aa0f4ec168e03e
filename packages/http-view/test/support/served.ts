import { http, type HttpOptions } from '@rtmpipe/http'
import type { Plugin, RtmpServerOptions } from '@rtmpipe/session'
import { TestServer } from '@rtmpipe/testing'
import { onTestFinished, type TestContext } from 'vitest'
import type { Mount } from '@rtmpipe/http'

/** A server in memory with an HTTP port, which ends with the test. */
export interface Served {
  readonly test: TestServer
  readonly port: number
  /** `fetch` of a path, given up with the test. */
  get(path: string, init?: RequestInit): Promise<Response>
}

/** What a server of a test is made of. */
export interface ServedOptions extends Partial<Omit<RtmpServerOptions, 'transports'>> {
  readonly plugins?: readonly Plugin[]
  readonly http?: HttpOptions
}

/** @param context of the test, where others run at the same time */
export async function served(
  mount: Mount,
  { plugins = [], http: ofHttp, ...rest }: ServedOptions = {},
  context: Pick<TestContext, 'onTestFinished'> = { onTestFinished },
): Promise<Served> {
  const web = http({ port: 0, mount: [mount], ...ofHttp })
  const test = new TestServer({ ...rest, plugins: [...plugins, web] })
  const end = new AbortController()
  context.onTestFinished(async () => {
    end.abort()
    await test[Symbol.asyncDispose]()
  })
  await test.server.listen()
  const port = web.address?.port ?? 0
  const get = (path: string, init?: RequestInit) =>
    fetch(`http://127.0.0.1:${port}${path}`, { signal: end.signal, ...init })
  return { test, port, get }
}
