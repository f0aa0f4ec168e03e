/**
 * `@rtmpipe/plugins/auth`, who may publish and play: for whoever has installed `rtmpipe` alone.
 *
 * @packageDocumentation
 */
export * from '@rtmpipe/plugins/auth'
