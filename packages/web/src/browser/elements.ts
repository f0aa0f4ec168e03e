/**
 * Defines the elements of `@rtmpipe/web` in the page that imports it.
 *
 * @packageDocumentation
 */
export {}
