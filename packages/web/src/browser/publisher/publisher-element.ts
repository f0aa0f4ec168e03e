import { takeEarly } from '../player/take-early.ts'
import { capture, nothing, screen } from './devices.ts'
import { Publisher, type PublisherEvents, type PublisherOptions } from './publisher.ts'
import { publisherStyle } from './publisher-style.ts'
import { sentenceOf } from './sentence.ts'

const content = `
<video muted autoplay playsinline aria-label="Preview"></video>
<p role="status"></p>
<form aria-label="Publish">
<label>Picture<select name="camera"></select></label>
<label>Sound<select name="microphone"></select></label>
<label>Key<input name="key" type="password" autocomplete="off"></label>
<button name="preview" type="button">Preview</button>
<button name="go">Start</button>
<button name="video" type="button" aria-pressed="false">Hide picture</button>
<button name="audio" type="button" aria-pressed="false">Mute</button>
</form>
<div role="group" aria-label="Statistics"></div>`

/**
 * `<rtmpipe-publisher src="wss://example.com/live/stream" key="secret">`: a {@link Publisher} with what people need: preview,
 * choice of camera, microphone or screen, start and stop, mute. Each event of the publisher is a bubbling `CustomEvent` of
 * the element, whose `detail` is the list of what the publisher's listeners are given.
 */
export class PublisherElement extends HTMLElement {
  static readonly observedAttributes: readonly string[] = ['key']

  /** Codecs, bit rates and so on; read when it starts. */
  options: PublisherOptions = {}
  /** What publishes; undefined while nothing does. */
  publisher: Publisher | undefined
  readonly #root: ShadowRoot = this.attachShadow({ mode: 'open' })
  #media: MediaStream | undefined
  #timer: ReturnType<typeof setInterval> | undefined
  /** Counts what was asked for: what an older question gets is nobody's any more. */
  #turn = 0
  readonly #refresh = (): void => void this.#list()

  constructor() {
    super()
    // A policy that allows no inline style allows this one.
    const style = new CSSStyleSheet()
    style.replaceSync(publisherStyle)
    this.#root.adoptedStyleSheets = [style]
    this.#root.innerHTML = content
    this.#fill('camera', [
      ['', 'Camera'],
      [screen, 'Screen'],
      [nothing, 'No picture'],
    ])
    this.#fill('microphone', [
      ['', 'Microphone'],
      [nothing, 'No sound'],
    ])
    const again = (): void => void (this.#media && this.preview().catch(() => {}))
    this.#select('camera').addEventListener('change', again)
    this.#select('microphone').addEventListener('change', again)
    this.#button('preview').addEventListener('click', () => void this.preview().catch(() => {}))
    this.#of('form').addEventListener('submit', event => {
      event.preventDefault()
      void (this.publisher === undefined ? this.start().catch(() => {}) : this.stop())
    })
    for (const kind of ['video', 'audio'] as const) {
      const button = this.#button(kind)
      button.addEventListener('click', () => {
        button.ariaPressed = String(button.ariaPressed !== 'true')
        this.#mute()
      })
    }
  }

  /** Where to publish: `wss://host/app/stream`, or a path of the page's own server like `/live/stream`. */
  get src(): string {
    return this.getAttribute('src') ?? ''
  }

  /** Sets the attribute. */
  set src(src: string) {
    this.setAttribute('src', src)
  }

  /** The key that the server wants, sent as `?key=`: that of the attribute, or what somebody has typed. */
  get key(): string {
    return this.#input.value
  }

  /** Types it in. */
  set key(key: string) {
    this.#input.value = key
  }

  /** Asks for camera, microphone or screen, and shows it. @throws what the browser answers; the element says it */
  async preview(): Promise<void> {
    this.#turn += 1
    const turn = this.#turn
    try {
      const media = await capture(this.#select('camera').value, this.#select('microphone').value)
      if (turn !== this.#turn) return media.getTracks().forEach(track => track.stop())
      this.#release()
      this.#media = media
      this.#of('video').srcObject = media
      this.#mute()
      this.#say('')
      await this.#list()
    } catch (error) {
      this.#say(sentenceOf(error as Error))
      throw error
    }
  }

  /**
   * Begins to publish; asks for camera and microphone if there is no preview.
   *
   * @throws as {@link PublisherElement.preview} and {@link Publisher.publish}; the element says it
   */
  async start(): Promise<void> {
    if (this.publisher !== undefined) return
    if (!this.#media?.getTracks().some(({ readyState }) => readyState === 'live')) await this.preview()
    if (this.#media === undefined || this.publisher !== undefined) return
    const publisher = new Publisher(this.#media, this.options)
    this.publisher = publisher
    this.#listen(publisher)
    this.#say('Connecting …')
    this.#update()
    try {
      await publisher.publish(this.#url)
    } catch (error) {
      this.#say(sentenceOf(error as Error))
      throw error
    }
  }

  /** Ends it; the preview stays. */
  async stop(): Promise<void> {
    this.#say('')
    await this.publisher?.stop()
  }

  connectedCallback(): void {
    takeEarly(this, ['src', 'key'])
    navigator.mediaDevices?.addEventListener('devicechange', this.#refresh)
    this.#timer = setInterval(() => this.#showStats(), 1_000)
    this.#refresh()
    this.#update()
  }

  disconnectedCallback(): void {
    navigator.mediaDevices?.removeEventListener('devicechange', this.#refresh)
    clearInterval(this.#timer)
    this.#turn += 1
    void this.stop()
    this.#release()
  }

  attributeChangedCallback(_name: string, _before: string | null, value: string | null): void {
    this.key = value ?? ''
  }

  get #url(): string {
    const { key, src } = this
    return key === '' ? src : `${src}${src.includes('?') ? '&' : '?'}key=${encodeURIComponent(key)}`
  }

  #listen(publisher: Publisher): void {
    const tell = <Name extends keyof PublisherEvents>(
      name: Name,
      said?: (...values: PublisherEvents[Name]) => string,
    ): void => {
      publisher.on(name, (...detail) => {
        if (said !== undefined) this.#say(said(...detail))
        this.dispatchEvent(new CustomEvent(name, { detail, bubbles: true, composed: true }))
      })
    }
    publisher.on('end', () => {
      this.publisher = undefined
      // What was said of a refusal or a failure stays.
      if (this.#isLive) this.#say('The stream has ended.')
      this.#update()
    })
    tell('live', () => 'On air.')
    tell('reconnecting', () => 'The connection is lost. Connecting again …')
    tell('refused', sentenceOf)
    tell('error', sentenceOf)
    tell('slow')
    tell('end')
  }

  #say(text: string): void {
    this.#of('p').textContent = text
  }

  get #isLive(): boolean {
    return this.#of('p').textContent === 'On air.'
  }

  #update(): void {
    const isOn = this.publisher !== undefined
    this.#button('go').textContent = isOn ? 'Stop' : 'Start'
    this.#button('preview').hidden = isOn
    for (const field of this.#root.querySelectorAll<HTMLInputElement>('select, input')) field.disabled = isOn
    this.#showStats()
  }

  #showStats(): void {
    const { publisher } = this
    if (publisher === undefined) return void (this.#of('div').textContent = '')
    const { bitrate, fps, dropped, roundTrip } = publisher.stats
    const parts = [`${Math.round(bitrate / 1000)} kbit/s`, `${Math.round(fps)} pictures/s`, `${dropped} left out`]
    if (roundTrip !== undefined) parts.push(`${Math.round(roundTrip)} ms to the server`)
    this.#of('div').textContent = parts.join(' · ')
  }

  #mute(): void {
    for (const track of this.#media?.getTracks() ?? [])
      track.enabled = this.#button(track.kind as 'video' | 'audio').ariaPressed !== 'true'
  }

  #release(): void {
    this.#media?.getTracks().forEach(track => track.stop())
    this.#media = undefined
    this.#of('video').srcObject = null
  }

  /** Devices by name, which browsers tell once they were allowed. */
  async #list(): Promise<void> {
    const devices = (await navigator.mediaDevices?.enumerateDevices().catch(() => [])) ?? []
    const named = (kind: MediaDeviceKind): [string, string][] =>
      devices.filter(each => each.kind === kind && each.label !== '').map(({ deviceId, label }) => [deviceId, label])
    this.#fill('camera', [['', 'Camera'], ...named('videoinput'), [screen, 'Screen'], [nothing, 'No picture']])
    this.#fill('microphone', [['', 'Microphone'], ...named('audioinput'), [nothing, 'No sound']])
  }

  #fill(name: 'camera' | 'microphone', choices: readonly (readonly [value: string, text: string])[]): void {
    const select = this.#select(name)
    const { value } = select
    select.replaceChildren(...choices.map(([value, text]) => new Option(text, value)))
    select.value = choices.some(([known]) => known === value) ? value : ''
  }

  #of<Tag extends keyof HTMLElementTagNameMap>(tag: Tag): HTMLElementTagNameMap[Tag] {
    return this.#root.querySelector(tag) as HTMLElementTagNameMap[Tag]
  }

  get #input(): HTMLInputElement {
    return this.#of('input')
  }

  #select(name: 'camera' | 'microphone'): HTMLSelectElement {
    return this.#root.querySelector(`[name=${name}]`) as HTMLSelectElement
  }

  #button(name: 'preview' | 'go' | 'video' | 'audio'): HTMLButtonElement {
    return this.#root.querySelector(`[name=${name}]`) as HTMLButtonElement
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'rtmpipe-publisher': PublisherElement
  }
}
