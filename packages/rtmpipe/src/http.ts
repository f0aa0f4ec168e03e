/**
 * `@rtmpipe/http`, everything over HTTP: for whoever has installed `rtmpipe` alone.
 *
 * @packageDocumentation
 */
export * from '@rtmpipe/http'
