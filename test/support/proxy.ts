import { readFile, writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { createSelfSignedCertificate } from '@rtmpipe/transport-tls'
import { freePort, portAnswers } from './free-port.ts'
import { kinds, type ProxyName } from './proxies/index.ts'
import type { Place, Replacement } from './proxies/kind.ts'
import { RunningProgram } from './running-program.ts'
import { TemporaryFolder } from './temporary-folder.ts'

export type { ProxyName } from './proxies/index.ts'

/** A proxy with the configuration that docs/proxies has for it, in front of ports of ours. */
export class Proxy implements AsyncDisposable {
  readonly http: string
  readonly https: string
  readonly rtmp: string
  readonly program: RunningProgram
  readonly #folder: TemporaryFolder

  private constructor(program: RunningProgram, folder: TemporaryFolder, { http, https, rtmp }: Place) {
    this.program = program
    this.#folder = folder
    this.http = `127.0.0.1:${http}`
    this.https = `127.0.0.1:${https}`
    this.rtmp = `127.0.0.1:${rtmp}`
  }

  /**
   * Starts it in front of an HTTP port and an RTMP port. A forward proxy needs neither.
   *
   * @param changes - what is other than in docs/proxies
   */
  static async start(
    name: ProxyName,
    upstreamHttp = 1,
    upstreamRtmp = 1,
    changes: readonly Replacement[] = [],
  ): Promise<Proxy> {
    const { file, replace, start, ready } = kinds[name]
    const folder = await TemporaryFolder.create()
    const [http, https, rtmp] = [await freePort(), await freePort(), await freePort()]
    const place = { http, https, rtmp, upstreamHttp, upstreamRtmp, folder: folder.path }
    const { cert, key } = await createSelfSignedCertificate()
    await writeFile(folder.file('fullchain.pem'), cert)
    await writeFile(folder.file('privkey.pem'), key)
    await writeFile(folder.file('both.pem'), cert + key)
    let text = await readFile(fileURLToPath(new URL(`../../docs/proxies/${file}`, import.meta.url)), 'utf8')
    for (const [from, to] of [...changes, ...replace]) {
      if (text.search(from) === -1) throw new Error(`docs/proxies/${file} has no ${from}`)
      text = text.replace(from, to(place))
    }
    await writeFile(folder.file(file), text)
    const env = { HOME: folder.path, XDG_DATA_HOME: folder.path, XDG_CONFIG_HOME: folder.path }
    const program = new RunningProgram({ name, ...start(folder.file(file), place), env, limit: 300_000 })
    const proxy = new Proxy(program, folder, place)
    try {
      await portAnswers(place[ready], program.exited)
      return proxy
    } catch {
      const failure = program.failure('before its port answered')
      await proxy[Symbol.asyncDispose]()
      throw failure
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // Those with processes of their own end them.
    this.program.kill('SIGTERM')
    await this.program.exited.catch(() => {})
    await this.#folder[Symbol.asyncDispose]()
  }
}
