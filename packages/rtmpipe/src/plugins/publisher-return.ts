/**
 * `@rtmpipe/plugins/publisher-return`, publishers that take over or come back: for whoever has installed `rtmpipe` alone.
 *
 * @packageDocumentation
 */
export * from '@rtmpipe/plugins/publisher-return'
