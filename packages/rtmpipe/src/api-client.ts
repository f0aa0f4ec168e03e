/**
 * `@rtmpipe/http/client`, the API from outside: for whoever has installed `rtmpipe` alone.
 *
 * @packageDocumentation
 */
export * from '@rtmpipe/http/client'
