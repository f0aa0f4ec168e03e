/**
 * Defines the elements of `@rtmpipe/web` in the page that imports it.
 *
 * @packageDocumentation
 */
import { PlayerElement } from './player/player-element.ts'
import { PublisherElement } from './publisher/publisher-element.ts'

export { PlayerElement, PublisherElement }

customElements.define('rtmpipe-player', PlayerElement)
customElements.define('rtmpipe-publisher', PublisherElement)
