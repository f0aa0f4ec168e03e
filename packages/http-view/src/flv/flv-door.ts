import type { OutgoingHttpHeaders } from 'node:http'
import { type Host, StatusError, type View } from '@rtmpipe/session'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { CrossOrigin } from '../access/cross-origin.ts'
import { type Refusal, refusalHeaders, refusalOf } from '../access/refusal.ts'
import { streamAt, type StreamPath } from '../access/stream-path.ts'
import { viewerOf } from '../access/viewer-of.ts'
import type { Carrier } from './carrier.ts'
import type { FlvPacker } from './flv-packer.ts'
import { FlvViewer } from './flv-viewer.ts'
import { HeadCarrier } from './head-carrier.ts'
import { HttpCarrier } from './http-carrier.ts'
import type { HttpFlvOptions } from './options.ts'
import type { Upgrades } from './upgrades.ts'
import { wantedBy } from './wanted.ts'
import { WebSocketCarrier } from './web-socket-carrier.ts'

/** Milliseconds for another process to give what somebody may publish there. */
const sourceWait = 2_000
/** Longest that a timer can wait. Milliseconds. */
const longestTimer = 2 ** 31 - 1

const streamHeaders = {
  'Content-Type': 'video/x-flv',
  'Cache-Control': 'no-store',
  'Accept-Ranges': 'none',
  // Proxies pass on what comes as it comes.
  'X-Accel-Buffering': 'no',
}

const foreign = { status: 403, text: 'pages of this origin may not watch: see the option origins of the server' }
const nameless = { status: 400, text: 'this names no stream: expected /APP/NAME.flv' }
const early = { status: 400, text: 'a stream can not be asked for before the answer to another request' }
const full = { status: 503, text: 'too many viewers: try again later' }

/** Lets viewers of FLV in, or tells them why not. */
export class FlvDoor {
  readonly #host: Host
  readonly #options: HttpFlvOptions
  readonly #upgrades: Upgrades
  readonly #origins: CrossOrigin
  readonly #packer: FlvPacker
  #viewers = 0

  constructor(host: Host, options: HttpFlvOptions, upgrades: Upgrades, packer: FlvPacker) {
    this.#host = host
    this.#options = options
    this.#upgrades = upgrades
    this.#packer = packer
    this.#origins = new CrossOrigin(options.origins)
  }

  /** Answers a request for a path that ends in `.flv`. Resolves when there is nothing more to say. */
  async answer(request: FastifyRequest, reply: FastifyReply): Promise<void> {
    reply.hijack()
    reply.raw.on('error', () => {})
    const { headers, method, raw } = request
    if (method === 'OPTIONS')
      return void reply.raw.writeHead(204, this.#headers(request, reply, this.#origins.preflight(headers))).end()
    const path = streamAt(pathOf(raw.url ?? ''), this.#host.server.streams)
    const refusal = !this.#origins.allows(headers) ? foreign : reply.raw.socket === null ? early : undefined
    if (refusal !== undefined || path === undefined) return this.#refuse(request, reply, refusal ?? nameless)
    if (this.#viewers >= (this.#options.maxViewers ?? 20_000)) return this.#refuse(request, reply, full)
    this.#viewers += 1
    const refused = await this.#show(path, request, reply)
    this.#viewers -= 1
    if (refused !== undefined) this.#refuse(request, reply, refused)
  }

  /** @returns undefined when the viewer was let in, at its end */
  async #show({ app, name }: StreamPath, request: FastifyRequest, reply: FastifyReply): Promise<Refusal | undefined> {
    const gone = new AbortController()
    const leave = () => gone.abort(new Error('the viewer has left'))
    const { socket } = request.raw
    socket.once('close', leave)
    const wanted = wantedBy(request.query as Readonly<Record<string, unknown>>)
    let timer: NodeJS.Timeout | undefined
    const carrier = (drained: () => void) => this.#carrier(request, reply, leave, drained)
    let over: (reason: StatusError | undefined) => void = () => {}
    const ended = new Promise<StatusError | undefined>(resolve => (over = resolve))
    const viewer = new FlvViewer(carrier, this.#packer, wanted, over)
    try {
      const who = viewerOf(request, viewer.transport, app)
      const { follow = false } = this.#options
      const view = await this.#host.view(app, name, { ...who, follow, signal: gone.signal }, viewer)
      viewer.belongTo(view)
      if (!viewer.hasBegun) timer = this.#giveUpLater(view)
      const reason = await ended
      if (viewer.hasBegun) return undefined
      return reason === undefined ? { status: 404, text: `nobody publishes ${name}` } : refusalOf(reason)
    } catch (error) {
      if (gone.signal.aborted) return undefined
      // It had begun when somebody ended it, before the view was open.
      if (viewer.hasBegun) {
        viewer.ended(error instanceof StatusError ? error : undefined)
        return undefined
      }
      if (error instanceof StatusError) return refusalOf(error)
      this.#host.log.error({ err: error }, 'a viewer could not be let in')
      return { status: 500, text: 'internal error' }
    } finally {
      clearTimeout(timer)
      socket.off('close', leave)
    }
  }

  /** For a viewer that gets nothing yet. */
  #giveUpLater(view: View): NodeJS.Timeout | undefined {
    const { publishWait } = this.#options
    const stream = view.play?.stream
    if (publishWait === undefined || publishWait > longestTimer || stream === undefined) return undefined
    const isElsewhere = stream.isLive && stream.origin === 'source'
    if (stream.isLive && !isElsewhere) return undefined
    const leave = () => {
      if (stream.bytes === 0 || !stream.isLive) view.leave()
    }
    return setTimeout(leave, isElsewhere ? Math.max(publishWait, sourceWait) : publishWait)
  }

  #carrier(request: FastifyRequest, reply: FastifyReply, leave: () => void, drained: () => void): Carrier {
    const { raw, method } = request
    const upgrade = this.#upgrades.of(raw)
    if (upgrade !== undefined)
      return new WebSocketCarrier(opened => {
        reply.raw.detachSocket(raw.socket)
        this.#upgrades.open(raw, upgrade, opened)
      }, drained)
    const headers = this.#headers(request, reply, streamHeaders)
    if (method === 'HEAD') return new HeadCarrier(reply.raw, headers, leave)
    return new HttpCarrier(reply.raw, raw.socket, headers, drained)
  }

  #refuse(request: FastifyRequest, reply: FastifyReply, refusal: Refusal): void {
    const body = `${refusal.text}\n`
    const length = { 'Content-Length': String(Buffer.byteLength(body)) }
    const headers = this.#headers(request, reply, { ...refusalHeaders(refusal), ...length })
    reply.raw.writeHead(refusal.status, headers).end(request.method === 'HEAD' ? undefined : body)
  }

  /** Those of the house, those for pages, and more. */
  #headers(
    { headers }: FastifyRequest,
    reply: FastifyReply,
    more: Readonly<Record<string, string>>,
  ): OutgoingHttpHeaders {
    const all = Object.entries({ ...this.#origins.headers(headers), ...more })
    const lowered = all.map(([name, value]) => [name.toLowerCase(), value])
    return { ...(reply.getHeaders() as OutgoingHttpHeaders), ...Object.fromEntries(lowered) }
  }
}

/** What stands before the extension and the query. */
function pathOf(url: string): string {
  const [path = ''] = url.split('?', 1)
  return path.replace(/\.flv$/i, '')
}
