import { FLASH_HEADERS, type RawClient, type RawResponse } from './raw-client.ts'

/** How a client does what RTMPT leaves open. */
export interface Habit {
  /** TCP connections that it uses in turn, with a request under way on each; 0 is a new one for each request. Default 1. */
  readonly connections?: number
  /** Number of its first request. Default 0. */
  readonly first?: 0 | 1
  /** It begins with a poll. Default false. */
  readonly polls?: boolean
  /** It throws away what the answer to a `/send` brings. Default false. */
  readonly ignoresSend?: boolean
  readonly idle?: 'idle' | 'idel'
  readonly dummy?: string
  readonly version?: '1.0' | '1.1'
  /** What it puts before paths. */
  readonly host?: string
  readonly headers?: readonly string[]
  /** Its bodies of `/send` come in chunks. Default false. */
  readonly chunked?: boolean
  /** It waits for 100 Continue before it sends a body. Default false. */
  readonly expects?: boolean
  /** What it asks at the end; undefined closes nothing. Default `/close/ID/NUMBER`. */
  readonly close?: ((id: string, number: number) => string) | undefined
}

interface Request {
  readonly kind: 'send' | 'idle'
  readonly response: Promise<RawResponse>
}

/** A client with a habit: sends pieces, polls in between, and puts together what it gets. */
export class HabitualClient {
  readonly #habit: Habit
  readonly #connect: () => Promise<RawClient>
  readonly #connections: RawClient[] = []
  readonly #underWay: Request[] = []
  #id = ''
  #number: number
  #received = Buffer.alloc(0)

  constructor(habit: Habit, connect: () => Promise<RawClient>) {
    this.#habit = habit
    this.#connect = connect
    this.#number = habit.first ?? 0
  }

  /** What it has got so far. */
  get received(): Buffer {
    return this.#received
  }

  async open(): Promise<void> {
    const { body } = await this.#post('/open/1', this.#dummy, false)
    this.#id = body.toString().trimEnd()
    if (this.#habit.polls) await this.poll()
  }

  send(piece: Buffer): Promise<void> {
    return this.#request('send', piece)
  }

  poll(): Promise<void> {
    return this.#request('idle', this.#dummy)
  }

  /** Waits for all answers. */
  async settle(): Promise<void> {
    while (this.#underWay.length > 0) await this.#take()
  }

  async close(): Promise<void> {
    await this.settle()
    const habit: Habit = { close: (id, number) => `/close/${id}/${number}`, ...this.#habit }
    if (habit.close !== undefined) await this.#post(habit.close(this.#id, this.#number), this.#dummy, false)
  }

  get #dummy(): string {
    return this.#habit.dummy ?? '\0'
  }

  async #request(kind: 'send' | 'idle', body: string | Buffer): Promise<void> {
    const { connections = 1, idle = 'idle' } = this.#habit
    const path = `/${kind === 'idle' ? idle : kind}/${this.#id}/${this.#number++}`
    this.#underWay.push({ kind, response: this.#post(path, body, kind === 'send') })
    while (this.#underWay.length >= Math.max(1, connections)) await this.#take()
  }

  async #take(): Promise<void> {
    const request = this.#underWay.shift()
    if (request === undefined) return
    const { status, body } = await request.response
    if (status !== 200) throw new Error(`answered ${status}: ${body.toString()}`)
    const isIgnored = request.kind === 'send' && this.#habit.ignoresSend
    if (!isIgnored) this.#received = Buffer.concat([this.#received, body.subarray(1)])
  }

  async #post(path: string, body: string | Buffer, isData: boolean): Promise<RawResponse> {
    const { connections = 1, host = '', version = '1.1', headers = FLASH_HEADERS, chunked, expects } = this.#habit
    const client =
      connections > 0 && this.#connections.length >= connections
        ? (this.#connections.shift() as RawClient)
        : await this.#connect()
    if (connections > 0) this.#connections.push(client)
    if (isData && chunked) {
      const bytes = Buffer.from(body as string, 'latin1')
      client.write(`POST ${host}${path} HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n`)
      client.write(
        Buffer.concat([Buffer.from(`${bytes.length.toString(16)}\r\n`), bytes, Buffer.from('\r\n0\r\n\r\n')]),
      )
      return client.receive()
    }
    if (isData && expects) {
      client.write(
        `POST ${host}${path} HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: ${body.length}\r\n\r\n`,
      )
      const { status } = await client.receive()
      if (status !== 100) throw new Error(`answered ${status} instead of 100`)
      client.write(body)
      return client.receive()
    }
    return client.post(`${host}${path}`, body, headers, version)
  }
}
