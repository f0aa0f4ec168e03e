/**
 * `@rtmpipe/plugins/vod`, FLV and MP4 files, with seek and pause: for whoever has installed `rtmpipe` alone.
 *
 * @packageDocumentation
 */
export * from '@rtmpipe/plugins/vod'
