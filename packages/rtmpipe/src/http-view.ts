/**
 * Viewers over HTTP: FLV and HLS.
 *
 * @packageDocumentation
 */
export * from '@rtmpipe/http-view'
