import type { JSX } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import { streamUrl, typed, watchPath } from './address.ts'
import { field } from './field.ts'
import { defineElements } from './library.ts'

/** Publishes from camera, microphone or screen. */
export function Publish(): JSX.Element {
  const [stream, setStream] = useState<ReturnType<typeof typed> & { readonly key: string }>()
  const [fault, setFault] = useState('')
  useEffect(() => void defineElements(), [])
  const begin = (event: SubmitEvent): void => {
    event.preventDefault()
    const form = event.currentTarget as HTMLFormElement
    const next = { ...typed(field(form, 'app'), field(form, 'name')), key: field(form, 'key') }
    const isComplete = next.app !== '' && next.name !== '' && !next.name.includes('/')
    setFault(isComplete ? '' : 'Application and name are needed, and a name has no slash in it.')
    if (isComplete) setStream(next)
  }
  if (stream !== undefined)
    return (
      <>
        <h1>Publish {stream.name}</h1>
        <rtmpipe-publisher
          src={streamUrl(location, stream, stream.query)}
          // `key` is a word of preact's own.
          ref={element => element?.setAttribute('key', stream.key)}
        />
        <p>
          <a href={watchPath(stream)} target="_blank" rel="noreferrer">
            Watch it in a new tab
          </a>
        </p>
        <button type="button" onClick={() => setStream(undefined)}>
          Publish something else
        </button>
      </>
    )
  return (
    <>
      <h1>Publish</h1>
      {isSecureContext || <p role="alert">Browsers open camera and microphone over HTTPS or on this machine only.</p>}
      <form onSubmit={begin} class="card">
        <label for="app">Application</label>
        <input id="app" name="app" defaultValue="live" required maxLength={200} autocomplete="off" />
        <label for="name">Stream name</label>
        <input id="name" name="name" required maxLength={1_000} autocomplete="off" aria-describedby="fault" />
        <label for="key">Key, if the server asks for one</label>
        <input id="key" name="key" type="password" maxLength={1_000} autocomplete="off" />
        <p id="fault" role="alert">
          {fault}
        </p>
        <button type="submit" class="primary">
          Continue
        </button>
      </form>
    </>
  )
}
