/**
 * `@rtmpipe/plugins/quotas`, bitrate, viewers, streams of a key, connections of an address: for whoever has installed `rtmpipe` alone.
 *
 * @packageDocumentation
 */
export * from '@rtmpipe/plugins/quotas'
