import {
  type MessageConnection,
  type PlayOptions,
  type PlayStream,
  type PublishOptions,
  type PublishStream,
  RtmpClient,
} from '@rtmpipe/session'

/** A client, or what it publishes or plays: its connection is meant. */
export type TestPeer = RtmpClient | PublishStream | PlayStream

const clients = new WeakMap<PublishStream | PlayStream, RtmpClient>()

/** A client whose streams tell whose they are. */
export class TestClient extends RtmpClient {
  override async publish(streamName: string, options?: PublishOptions): Promise<PublishStream> {
    const stream = await super.publish(streamName, options)
    clients.set(stream, this)
    return stream
  }

  override async play(streamName: string, options?: PlayOptions): Promise<PlayStream> {
    const stream = await super.play(streamName, options)
    clients.set(stream, this)
    return stream
  }
}

/** The message connection of a client, or of the {@link TestClient} whose stream it is. */
export function connectionOf(peer: object): MessageConnection | undefined {
  const client = peer instanceof RtmpClient ? peer : clients.get(peer as PublishStream | PlayStream)
  return client?.messages
}
