/**
 * `@rtmpipe/plugins/relay`, streams pushed to other servers and pulled from them: for whoever has installed `rtmpipe` alone.
 *
 * @packageDocumentation
 */
export * from '@rtmpipe/plugins/relay'
