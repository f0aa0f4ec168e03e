import { Player } from './player.ts'
import type { PlayerEvents } from './player-events.ts'
import { PlayerBar } from './player-bar.ts'
import { playerStyle } from './player-style.ts'
import { takeEarly } from './take-early.ts'

const [connecting, waiting] = ['Connecting …', 'Waiting for the stream …']

/**
 * `<rtmpipe-player src="wss://example.com/live/stream" autoplay muted controls>`: a {@link Player} with what people need.
 * The attributes are those of `<video>`, and `volume` from 0 to 1; each is a property, too. Each event of the player is a bubbling `CustomEvent` of
 * the element, whose `detail` is the list of what the player's listeners are given.
 */
export class PlayerElement extends HTMLElement {
  static readonly observedAttributes: readonly string[] = ['src', 'muted', 'volume', 'controls']

  /** What plays. */
  readonly player: Player
  readonly #bar: PlayerBar
  readonly #text: HTMLParagraphElement = document.createElement('p')
  #plays = false
  /** What stays to be said while the rest plays. */
  #unsupported = ''

  constructor() {
    super()
    const canvas = document.createElement('canvas')
    canvas.role = 'img'
    canvas.ariaLabel = 'Stream'
    this.player = new Player(canvas, { muted: true })
    this.#bar = new PlayerBar(this.player, {
      toggle: () => (this.#plays ? this.pause() : void this.play()),
      fullscreen: () => void this.player.fullscreen(this).catch(() => {}),
    })
    this.#text.role = 'status'
    const root = this.attachShadow({ mode: 'open' })
    // A policy that allows no inline style allows this one.
    const style = new CSSStyleSheet()
    style.replaceSync(playerStyle)
    root.adoptedStyleSheets = [style]
    root.append(canvas, this.#text, this.#bar.element)
    this.#bar.element.hidden = true
    this.#listen()
    this.addEventListener('keydown', event => this.#key(event))
  }

  /** What to play: `wss://host/app/stream`, or a path of the page's own server like `/live/stream`. */
  get src(): string {
    return this.getAttribute('src') ?? ''
  }

  /** Sets the attribute. */
  set src(src: string) {
    this.setAttribute('src', src)
  }

  /** To begin by itself. */
  get autoplay(): boolean {
    return this.hasAttribute('autoplay')
  }

  /** Sets the attribute; what stands still is begun by {@link PlayerElement.play}. */
  set autoplay(autoplay: boolean) {
    this.toggleAttribute('autoplay', autoplay)
  }

  /** Buttons below the picture. */
  get controls(): boolean {
    return this.hasAttribute('controls')
  }

  /** Sets the attribute. */
  set controls(controls: boolean) {
    this.toggleAttribute('controls', controls)
  }

  /** True if nothing is to be heard: also while the browser waits for a click. */
  get muted(): boolean {
    return this.isConnected ? this.player.muted : this.hasAttribute('muted')
  }

  /** Sets the attribute. */
  set muted(muted: boolean) {
    this.toggleAttribute('muted', muted)
    // The attribute does not say what people have done meanwhile.
    this.#setMuted(muted)
  }

  /** From 0 to 1. */
  get volume(): number {
    return this.player.volume
  }

  /** Sets the attribute. */
  set volume(volume: number) {
    this.setAttribute('volume', String(volume))
    this.player.volume = volume
  }

  /** Plays, or begins anew. Resolves when the server has agreed or refused; `error` tells of the latter. */
  async play(): Promise<void> {
    if (this.src === '') return
    this.#plays = true
    this.#unsupported = ''
    this.#say(connecting)
    await this.player.play(this.src).catch(() => {})
    if (this.#plays && this.#text.textContent === connecting) this.#say(waiting)
  }

  /** Plays no more; the last picture stays. */
  pause(): void {
    this.#plays = false
    this.player.stop()
    this.#say('')
  }

  connectedCallback(): void {
    takeEarly(this, ['src', 'autoplay', 'controls', 'muted', 'volume'])
    if (!this.hasAttribute('tabindex')) this.tabIndex = 0
    if (!this.hasAttribute('muted')) this.player.unmute()
    // An element that was there before its class has been told of `src` already.
    if (this.hasAttribute('autoplay') && !this.#plays) void this.play()
  }

  disconnectedCallback(): void {
    this.pause()
    this.player.close()
  }

  attributeChangedCallback(name: string, before: string | null, value: string | null): void {
    if (before === value) return
    if (name === 'volume') this.player.volume = Number(value ?? 1)
    else if (name === 'controls') this.#bar.element.hidden = value === null
    else if (name === 'muted') this.#setMuted(value !== null)
    else if (this.isConnected && (this.#plays || this.hasAttribute('autoplay'))) {
      if (value === null || value === '') this.pause()
      else void this.play()
    }
  }

  #setMuted(muted: boolean): void {
    if (muted) this.player.mute()
    // Before, it is not known yet whether the attribute is there.
    else if (this.isConnected) this.player.unmute()
  }

  #listen(): void {
    const tell = <Name extends keyof PlayerEvents>(
      name: Name,
      said?: (...values: PlayerEvents[Name]) => string,
    ): void => {
      this.player.on(name, (...detail) => {
        if (said !== undefined) this.#say(said(...detail))
        this.dispatchEvent(new CustomEvent(name, { detail, bubbles: true, composed: true }))
      })
    }
    this.player.on('error', () => (this.#plays = false))
    this.player.on('stats', ({ latency }) => this.#bar.tell(latency))
    this.player.on('volume', () => this.#bar.update(this.#plays))
    tell('playing', () => this.#unsupported)
    tell('waiting', () => waiting)
    tell('end', () => 'The stream has ended.')
    tell('unsupported', codec => (this.#unsupported = `This browser cannot decode ${codec}.`))
    tell('error', ({ code, message }) => (code.startsWith('RTMP_') ? message : `The server refuses: ${message}`))
    tell('reconnect', (_reason, attempt) =>
      attempt === 1 ? 'The connection is lost. Connecting again …' : 'The server does not answer. Connecting again …',
    )
    tell('stats')
    tell('volume')
  }

  #say(text: string): void {
    this.#text.textContent = text
    this.#bar.update(this.#plays)
  }

  #key(event: KeyboardEvent): void {
    if (event.altKey || event.ctrlKey || event.metaKey || event.composedPath()[0] !== this) return
    const { player } = this
    const keys: Record<string, () => void> = {
      ' ': () => (this.#plays ? this.pause() : void this.play()),
      m: () => (player.muted ? player.unmute() : player.mute()),
      f: () => void player.fullscreen(this).catch(() => {}),
      ArrowUp: () => (player.volume += 0.1),
      ArrowDown: () => (player.volume -= 0.1),
    }
    const act = keys[event.key]
    if (act === undefined) return
    event.preventDefault()
    act()
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'rtmpipe-player': PlayerElement
  }
}
