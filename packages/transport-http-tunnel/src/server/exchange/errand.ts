import { randomBytes } from 'node:crypto'
import { BodyReader } from '../body-reader.ts'
import type { HandedOver } from '../colleagues.ts'
import { giveAnswer, TAKEN, WAITS } from './answer.ts'
import type { Exchange } from './exchange.ts'
import { maxPart, missingPatience, patience, repeatAfter } from './limits.ts'
import { writeQuestion } from './question.ts'

/** Questions of the same text whose answers are waited for. */
const maxAsks = 3

/** What an errand needs of those who send it. */
export interface ErrandHost {
  readonly exchange: Exchange
  now(): number
  /** Whether the process has ever been there: then it is asked again when it seems not to be. */
  isKnown(name: string): boolean
  heardOf(name: string): void
  forget(name: string): void
  /** So many more bytes of bodies are kept, or fewer. */
  keep(bytes: number): void
  done(errand: Errand, request: HandedOver): void
}

/** A request on its way to the machine that has its session, and the answer back. */
export class Errand {
  readonly #host: ErrandHost
  readonly #name: string
  readonly #request: HandedOver
  readonly #most: number
  readonly #token = randomBytes(12).toString('base64url')
  readonly #body: BodyReader | undefined
  /** Of the body, read and not sent. */
  #rest: Buffer | undefined
  #part = 0
  /** The question of now, until it has been answered. */
  #message: Buffer | undefined
  readonly #asks: (() => void)[] = []
  #askedAt = 0
  #heardAt: number
  /** Nobody had that name when we last asked. */
  #isMissing = false
  #isOver = false

  /** @param most bytes that the answer may have */
  constructor(host: ErrandHost, name: string, request: HandedOver, most: number) {
    this.#host = host
    this.#name = name
    this.#request = request
    this.#most = Math.min(most, maxPart)
    this.#heardAt = host.now()
    if (request.kind === 'send') this.#body = new BodyReader(request.post.body, 0, this.#fill)
  }

  begin(): void {
    this.#fill()
  }

  /** Looks at the clock. */
  look(): void {
    if (this.#request.post.gone) return this.cancel()
    if (this.#message === undefined) return
    const now = this.#host.now()
    if (now - this.#heardAt >= (this.#isMissing ? missingPatience : patience)) this.#fail()
    else if (this.#isMissing || now - this.#askedAt >= repeatAfter) this.#ask(this.#message)
  }

  /** The client has gone: nobody need answer. */
  cancel(): void {
    if (this.#isOver) return
    const hasBegun = this.#part > 0 || this.#message !== undefined
    this.#end()
    if (!hasBegun) return
    const over = writeQuestion({ request: this.#token, part: this.#part, isLast: true, isOver: true }, nothing)
    const end = this.#host.exchange.ask(this.#name, over, () => {})
    setTimeout(end, repeatAfter).unref()
  }

  /** Sends what there is of the body, if nothing is on its way. */
  readonly #fill = (): void => {
    if (this.#isOver || this.#message !== undefined) return
    const body = this.#body
    const part = this.#read()
    const isLast = body === undefined || (body.finished && this.#rest === undefined)
    if (part.length === 0 && !isLast) {
      if (body.broken) this.cancel()
      return
    }
    const { kind, id, number, origin, post } = this.#request
    const length = kind === 'send' ? post.bodyLength : 0
    const beginning = this.#part === 0 ? { kind, id, number, origin, most: this.#most, length } : undefined
    this.#message = writeQuestion({ request: this.#token, part: this.#part, isLast, beginning }, part)
    this.#host.keep(this.#message.length)
    this.#heardAt = this.#host.now()
    this.#ask(this.#message)
  }

  #read(): Buffer {
    const pieces: Buffer[] = []
    let length = 0
    while (length < maxPart) {
      const piece = this.#rest ?? this.#body?.read()
      this.#rest = undefined
      if (piece === undefined) break
      const fits = piece.subarray(0, maxPart - length)
      if (fits.length < piece.length) this.#rest = piece.subarray(fits.length)
      pieces.push(fits)
      length += fits.length
    }
    return Buffer.concat(pieces)
  }

  #ask(message: Buffer): void {
    this.#askedAt = this.#host.now()
    this.#isMissing = false
    this.#asks.push(this.#host.exchange.ask(this.#name, message, answer => this.#take(answer)))
    if (this.#asks.length > maxAsks) this.#asks.shift()?.()
  }

  #take(answer: Buffer | undefined): void {
    if (this.#isOver) return
    if (answer === undefined) {
      this.#isMissing = true
      if (!this.#host.isKnown(this.#name)) this.#fail()
      return
    }
    this.#host.heardOf(this.#name)
    this.#heardAt = this.#host.now()
    if (answer.equals(WAITS)) return
    if (answer.equals(TAKEN)) {
      this.#part += 1
      this.#stopAsking()
      this.#fill()
      return
    }
    this.#end()
    giveAnswer(answer, this.#request.post)
  }

  /** When its process has ended the session has too. What went wrong on the way may be tried again. */
  #fail(): void {
    this.#end()
    const { post } = this.#request
    if (!this.#isMissing) return post.reject(503, 'try again')
    this.#host.forget(this.#name)
    post.reject(404, 'no such session')
  }

  #end(): void {
    this.#isOver = true
    this.#body?.release()
    this.#stopAsking()
    this.#host.done(this, this.#request)
  }

  #stopAsking(): void {
    this.#host.keep(-(this.#message?.length ?? 0))
    this.#message = undefined
    for (const end of this.#asks.splice(0)) end()
  }
}

const nothing = Buffer.alloc(0)
