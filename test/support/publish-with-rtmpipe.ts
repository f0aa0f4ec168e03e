import { createReadStream } from 'node:fs'
import { connect, type ConnectOptions, FlvDemuxStage, MessageType } from 'rtmpipe'

/**
 * Publishes audio and video of an FLV file with our own client, as fast as the server takes them. Not its metadata: who
 * knows how long the file is finds the last frame missing when it has not lasted its full time.
 */
export async function publishWithRtmpipe(
  file: string,
  appUrl: string,
  streamName: string,
  options: ConnectOptions = {},
): Promise<void> {
  await using client = await connect(appUrl, options)
  const publisher = await client.publish(streamName)
  for await (const message of createReadStream(file).pipe(new FlvDemuxStage())) {
    if (message.messageTypeId === MessageType.DataAmf0) continue
    await new Promise<void>((resolve, reject) => {
      publisher.write(message, error => (error ? reject(error) : resolve()))
    })
  }
  await new Promise<void>(resolve => void publisher.end(resolve))
}
