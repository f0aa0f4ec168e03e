// Real programs as publishers and players.
export type { Player, Publisher, PublishOptions } from './clients/client.ts'
export { decodeErrors, playWithFfmpeg, publishWithFfmpeg } from './clients/ffmpeg.ts'
export type { FfmpegName } from './clients/ffmpeg.ts'
export type { FlvPlayer } from './clients/flv-player.ts'
export { playWithGstreamer, publishWithGstreamer } from './clients/gstreamer.ts'
export { playWithNodeAv, publishWithNodeAv } from './clients/node-av.ts'
export { playWithRtmpdump } from './clients/rtmpdump.ts'
