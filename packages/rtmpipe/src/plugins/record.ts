/**
 * `@rtmpipe/plugins/record`, recordings as FLV or fragmented MP4: for whoever has installed `rtmpipe` alone.
 *
 * @packageDocumentation
 */
export * from '@rtmpipe/plugins/record'
