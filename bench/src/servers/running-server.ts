import { Child } from './child.ts'
import { freePort, portIsListenedOn } from './free-port.ts'
import type { Ports, Subject } from './subject.ts'
import { TemporaryFolder } from './temporary-folder.ts'

/** Milliseconds for a server to listen. */
const startTimeout = 15_000

/** A subject in a process, on ports and in a folder of its own. */
export class RunningServer implements AsyncDisposable {
  /** Without a path. */
  readonly urls: Readonly<Record<keyof Ports, string>>
  readonly child: Child
  readonly #folder: TemporaryFolder

  private constructor(child: Child, folder: TemporaryFolder, ports: Ports) {
    this.child = child
    this.#folder = folder
    const url = (scheme: keyof Ports) => `${scheme}://127.0.0.1:${ports[scheme]}`
    this.urls = { rtmp: url('rtmp'), rtmpt: url('rtmpt'), rtmpts: url('rtmpts'), rtmfp: url('rtmfp') }
  }

  /**
   * Resolves when it listens for that transport; for RTMP where that is RTMFP.
   *
   * @param nodeOptions for a subject that runs in Node
   */
  static async start(
    subject: Subject,
    transport: keyof Ports,
    nodeOptions: readonly string[] = [],
  ): Promise<RunningServer> {
    const folder = new TemporaryFolder()
    const rtmpts = transport === 'rtmpts' ? await freePort() : undefined
    const rtmfp = transport === 'rtmfp' ? await freePort() : undefined
    const ports = { rtmp: await freePort(), rtmpt: await freePort(), rtmpts, rtmfp }
    const { file, args } = subject.command(ports, folder)
    const child = new Child(file, [...nodeOptions, ...args], folder.file('output.log'), { cwd: folder.path })
    const server = new RunningServer(child, folder, ports)
    const abort = new AbortController()
    const timer = setTimeout(() => abort.abort(new Error(`does not listen after ${startTimeout} ms`)), startTimeout)
    const ended = child.exited.then(code => Promise.reject(new Error(`ended with ${code}: ${child.lastLines}`)))
    try {
      await Promise.race([
        portIsListenedOn((transport === 'rtmfp' ? undefined : ports[transport]) ?? ports.rtmp, abort.signal),
        ended,
      ])
      return server
    } catch (error) {
      await server[Symbol.asyncDispose]()
      throw new Error(`${subject.name} did not start: ${(error as Error).message}`, { cause: error })
    } finally {
      clearTimeout(timer)
      abort.abort()
      ended.catch(() => {})
    }
  }

  /** In the folder that it runs in. */
  file(name: string): string {
    return this.#folder.file(name)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.child[Symbol.asyncDispose]()
    this.#folder[Symbol.dispose]()
  }
}
