import { connect, type Socket } from 'node:net'

const headEnd = Buffer.from('\r\n\r\n')

/** Told of each part: when a playlist that names it has come, and when it has come itself. */
export interface PartWatch {
  named(name: string): void
  came(name: string, bytes: number): void
}

/**
 * A viewer of low-latency HLS as hls.js is one: it asks for the playlist that has the next part, which waits, then for that
 * part, over a connection that stays. Playlists are asked for as delta updates, and compressed.
 */
export class HlsViewer {
  readonly #socket: Socket
  readonly #path: string
  readonly #parts: PartWatch
  #expected = 0
  #head: Buffer | undefined
  #body: Buffer[] = []
  #length = 0
  #answered: ((body: Buffer) => void) | undefined
  #failed: ((error: Error) => void) | undefined
  /** That have come. */
  parts = 0

  constructor(url: string, name: string, parts: PartWatch) {
    const { port, pathname } = new URL(url)
    this.#path = `${pathname}/${name}`
    this.#parts = parts
    this.#socket = connect({ host: '127.0.0.1', port: Number(port), noDelay: true })
    this.#socket.on('data', bytes => this.#take(bytes))
    this.#socket.on('error', () => {})
    this.#socket.on('close', () => this.#failed?.(new Error('the server has closed the connection')))
  }

  /** False once it has failed. */
  get isOpen(): boolean {
    return !this.#socket.destroyed
  }

  /** Watches until the connection ends. */
  async watch(): Promise<void> {
    try {
      const index = String(await this.#get('index.m3u8'))
      const playlist = index.split('\n').find(line => line.startsWith('main')) ?? ''
      let text = String(await this.#get(playlist))
      for (;;) {
        const [segment, part] = nextOf(text)
        text = String(await this.#get(`${playlist}&_HLS_msn=${segment}&_HLS_part=${part}&_HLS_skip=YES`))
        const name = [...text.matchAll(/#EXT-X-PART:[^\n]*URI="([^"]+)"/g)].at(-1)?.[1] ?? ''
        this.#parts.named(name)
        const body = await this.#get(name)
        this.parts += 1
        this.#parts.came(name, body.length)
      }
    } catch {
      this.#socket.destroy()
    }
  }

  #get(file: string): Promise<Buffer> {
    this.#socket.write(`GET ${this.#path}/${file} HTTP/1.1\r\nHost: bench\r\n\r\n`)
    return new Promise((resolve, reject) => {
      this.#answered = resolve
      this.#failed = reject
    })
  }

  #leave(): void {
    this.#socket.destroy()
  }

  #take(bytes: Buffer): void {
    if (this.#head === undefined) {
      const end = bytes.indexOf(headEnd)
      if (end < 0) return this.#leave()
      const head = bytes.toString('latin1', 0, end)
      if (!head.startsWith('HTTP/1.1 200')) return this.#leave()
      this.#expected = Number(/content-length: (\d+)/i.exec(head)?.[1])
      this.#head = bytes
      bytes = bytes.subarray(end + headEnd.length)
    }
    this.#body.push(bytes)
    this.#length += bytes.length
    if (this.#length < this.#expected) return
    const body = Buffer.concat(this.#body)
    this.#head = undefined
    this.#body = []
    this.#length = 0
    this.#answered?.(body)
  }
}

/** The part that comes next: media sequence number, and place in its segment. */
function nextOf(text: string): readonly [number, number] {
  const first = Number(/#EXT-X-MEDIA-SEQUENCE:(\d+)/.exec(text)?.[1])
  const skipped = Number(/SKIPPED-SEGMENTS=(\d+)/.exec(text)?.[1] ?? 0)
  const complete = text.match(/#EXTINF/g)?.length ?? 0
  const open = text.slice(Math.max(0, text.lastIndexOf('#EXTINF')))
  return [first + skipped + complete, open.match(/#EXT-X-PART:/g)?.length ?? 0]
}
