import type { JSX } from 'preact'
import { watchPath } from './address.ts'
import { type ListedStream, useStreams } from './streams.ts'

/** The live streams that the viewer may see. */
export function Live(): JSX.Element {
  const { streams, isLost } = useStreams()
  return (
    <>
      <h1>Live</h1>
      <p role="status">{isLost ? 'The server does not answer. Trying again…' : words(streams)}</p>
      <ul class="streams">
        {streams?.map(stream => (
          <li key={`${stream.app}/${stream.name}`}>
            <a href={watchPath(stream)}>
              <b>{stream.name}</b>
              <span>{stream.app}</span>
              <span>{details(stream)}</span>
            </a>
          </li>
        ))}
      </ul>
    </>
  )
}

function words(streams: readonly ListedStream[] | undefined): string {
  if (streams === undefined) return 'Looking for streams…'
  if (streams.length === 0) return 'Nothing is live that you may watch without a key.'
  return streams.length === 1 ? 'One stream is live.' : `${streams.length} streams are live.`
}

function details({ viewers, width, height }: ListedStream): string {
  const picture = width === undefined || height === undefined ? [] : [`${width} × ${height}`]
  return [...picture, `${viewers} watching`].join(' · ')
}
