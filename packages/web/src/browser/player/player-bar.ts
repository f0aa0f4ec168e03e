import type { Player } from './player.ts'

const paths = {
  play: 'M8 5v14l11-7z',
  pause: 'M6 5h4v14H6zm8 0h4v14h-4z',
  loud: 'M3 9v6h4l5 5V4L7 9zm13.5 3A4.5 4.5 0 0 0 14 8v8a4.5 4.5 0 0 0 2.5-4z',
  silent:
    'M3 9v6h4l5 5V4L7 9zm18 .4L19.6 8 17 10.6 14.4 8 13 9.4l2.6 2.6L13 14.6l1.4 1.4 2.6-2.6 2.6 2.6 1.4-1.4-2.6-2.6z',
  small: 'M3 5h18v14H3zm2 2v10h14V7zm6 4h7v5h-7z',
  full: 'M4 4h6v2H6v4H4zm10 0h6v6h-2V6h-4zM4 14h2v4h4v2H4zm14 0h2v6h-6v-2h4z',
} as const

/** What a bar asks for. */
export interface BarActions {
  toggle(): void
  fullscreen(): void
}

/** The controls below a picture. */
export class PlayerBar {
  readonly element: HTMLDivElement = document.createElement('div')
  readonly #player: Player
  readonly #play: HTMLButtonElement
  readonly #sound: HTMLButtonElement
  readonly #volume: HTMLInputElement = document.createElement('input')
  readonly #latency: HTMLOutputElement = document.createElement('output')

  constructor(player: Player, actions: BarActions) {
    this.#player = player
    this.element.role = 'group'
    this.element.ariaLabel = 'Player'
    this.#play = button(() => actions.toggle())
    this.#sound = button(() => (player.muted ? player.unmute() : player.mute()))
    Object.assign(this.#volume, { type: 'range', min: 0, max: 1, step: 0.05, ariaLabel: 'Volume', title: 'Volume' })
    this.#volume.oninput = () => {
      player.volume = this.#volume.valueAsNumber
      if (player.muted) player.unmute()
    }
    this.#latency.title = 'From arrival to screen'
    this.#latency.ariaLive = 'off'
    const small = button(() => void player.pictureInPicture().catch(() => {}))
    show(small, 'small', 'Picture in picture')
    small.hidden = !document.pictureInPictureEnabled
    const full = button(() => actions.fullscreen())
    show(full, 'full', 'Full screen')
    this.element.append(this.#play, this.#sound, this.#volume, this.#latency, small, full)
    this.update(false)
  }

  /** Shows how things stand. */
  update(plays: boolean): void {
    const { muted, volume } = this.#player
    show(this.#play, plays ? 'pause' : 'play', plays ? 'Pause' : 'Play')
    show(this.#sound, muted ? 'silent' : 'loud', muted ? 'Unmute' : 'Mute')
    this.#volume.valueAsNumber = muted ? 0 : volume
    if (!plays) this.tell(undefined)
  }

  /** @param latency milliseconds */
  tell(latency: number | undefined): void {
    this.#latency.value = latency === undefined ? '' : `${latency} ms`
  }
}

function button(act: () => void): HTMLButtonElement {
  const made = document.createElement('button')
  made.type = 'button'
  made.onclick = act
  return made
}

function show(control: HTMLButtonElement, icon: keyof typeof paths, label: string): void {
  if (control.title === label) return
  control.title = control.ariaLabel = label
  control.innerHTML = `<svg viewBox="0 0 24 24" aria-hidden="true"><path d="${paths[icon]}"/></svg>`
}
