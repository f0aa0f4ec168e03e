import type { OpenFile } from './open-file.ts'
import type { StreamRecording, StreamRelay, StreamView } from './stream-view.ts'

/** What a plugin may offer to do for whoever asks, see {@link Host.offer}. */
export interface Acts {
  /**
   * Records a live stream from now on, whatever is recorded without asking, until it ends or the recording is ended.
   *
   * @throws UsageError `RTMP_ERR_STREAM_NOT_LIVE` when nobody publishes it, `RTMP_ERR_RECORD_RUNNING` when it is recorded
   *   already
   */
  record(stream: StreamView): StreamRecording | Promise<StreamRecording>
  /**
   * Publishes a live stream at another server too, until it ends or the relay is ended.
   *
   * @param url of the stream there, like `rtmp://host/app/name?query`
   * @throws UsageError `RTMP_ERR_STREAM_NOT_LIVE` when nobody publishes it, `RTMP_ERR_URL` for what is no such URL or of
   *   another scheme than `rtmp`, `rtmps`, `rtmpt`, `rtmpts`, `ws`, `wss` and `rtmfp`, `RTMP_ERR_RELAY_RUNNING` when it goes there already,
   *   `RTMP_ERR_RELAY_LIMIT` when there are too many relays
   */
  relay(stream: StreamView, url: string): StreamRelay | Promise<StreamRelay>
  /**
   * Opens a recording that somebody plays, to be shown in another form; undefined where the plugin does not play it. Gates are
   * not asked: whoever shows it has let its viewer in.
   *
   * @param app as in the play, after its gates
   * @param streamName the same
   */
  openFile(app: string, streamName: string): Promise<OpenFile | undefined>
}

/** What the plugins of a server can do for whoever asks: live; undefined is what nobody offers. */
export type Abilities = { readonly [Name in keyof Acts]: Acts[Name] | undefined }
