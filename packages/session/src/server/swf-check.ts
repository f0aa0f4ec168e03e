import {
  type ChunkConnection,
  type HandshakeStep,
  isSwfVerifyResponse,
  MessageType,
  parseUserControl,
  ProtocolError,
  type RtmpMessage,
  type SwfIdentity,
  userControl,
} from '@rtmpipe/chunk-stream'

/** SWF verification of one client: asked once it is connected, it must answer with one of the SWFs that are known. */
export class SwfCheck {
  readonly #messages: ChunkConnection
  readonly #identities: readonly SwfIdentity[]
  readonly #timeout: number
  #key: Buffer | undefined
  #timer: NodeJS.Timeout | undefined

  /** @param timeout milliseconds that the client has to answer */
  constructor(messages: ChunkConnection, identities: readonly SwfIdentity[], timeout: number) {
    this.#messages = messages
    this.#identities = identities
    this.#timeout = timeout
    messages.once('handshake', ({ swfVerificationKey }: HandshakeStep) => {
      this.#key = swfVerificationKey
    })
    messages.on('data', (message: RtmpMessage) => this.#handle(message))
    messages.once('close', () => clearTimeout(this.#timer))
  }

  ask(): void {
    if (this.#key === undefined)
      return this.#refuse('the client did no handshake by digest, so it can not tell its SWF')
    this.#messages.send(userControl({ type: 'SwfVerifyRequest', version: 0 }))
    this.#timer = setTimeout(() => this.#refuse('the client did not tell its SWF in time'), this.#timeout)
  }

  #handle({ messageTypeId, payload }: RtmpMessage): void {
    if (messageTypeId !== MessageType.UserControl || this.#timer === undefined) return
    const control = parseUserControl(payload)
    if (control?.type !== 'SwfVerifyResponse') return
    clearTimeout(this.#timer)
    this.#timer = undefined
    const key = this.#key as Buffer
    if (this.#identities.some(identity => isSwfVerifyResponse(control.data, key, identity))) return
    this.#refuse('the SWF of the client is not known here')
  }

  #refuse(message: string): void {
    this.#messages.destroy(new ProtocolError('command', 'RTMP_ERR_SWF_VERIFICATION', message))
  }
}
