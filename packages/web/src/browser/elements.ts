/**
 * Defines the elements of `@rtmpipe/web` in the page that imports it.
 *
 * @packageDocumentation
 */
import { PlayerElement } from './player/player-element.ts'

export { PlayerElement }

customElements.define('rtmpipe-player', PlayerElement)
