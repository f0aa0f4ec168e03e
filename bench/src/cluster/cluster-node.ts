import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

/** Milliseconds for a node to be there, and to answer. */
const patience = 20_000

/** As docs/cluster.md says for programs that are not `rtmpipe serve`, which does so itself. */
const execArgv = ['--heap-growing-percent=300']

/** The bare ones use the client library of NATS alone. */
export type NodeKind = 'origin' | 'edge' | 'bare-origin' | 'bare-edge'

/** One of the nodes, in a process. */
export class ClusterNode<Answer> implements Disposable {
  readonly #child: ChildProcess

  private constructor(child: ChildProcess) {
    this.#child = child
  }

  /** Resolves when it has begun. */
  static async start<Answer>(which: NodeKind, server: string): Promise<ClusterNode<Answer>> {
    const file = fileURLToPath(new URL(`./${which}.js`, import.meta.url))
    const node = new ClusterNode<Answer>(fork(file, [server], { execArgv }))
    try {
      await node.#message()
      return node
    } catch (error) {
      node[Symbol.dispose]()
      throw new Error(`the ${which} did not start`, { cause: error })
    }
  }

  get pid(): number {
    return this.#child.pid ?? 0
  }

  async ask(): Promise<Answer> {
    const answer = this.#message()
    this.#child.send('?')
    return (await answer) as Answer
  }

  async #message(): Promise<unknown> {
    const [message] = (await once(this.#child, 'message', { signal: AbortSignal.timeout(patience) })) as [unknown]
    return message
  }

  [Symbol.dispose](): void {
    this.#child.kill('SIGKILL')
  }
}
