import type { JSX } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import { flvPath, hlsPath, type StreamName, streamUrl } from '../address.ts'
import { abilities, offered } from './abilities.ts'
import { OwnScreen } from './own-screen.tsx'
import { VideoScreen } from './video-screen.tsx'
import { isOwn, nextStep, type Offered, type Step, wayNames, waysToPlay, whyNone, wishOf } from './ways.ts'

/** Plays a stream in the best way that browser and server have in common, and says which. */
export function Screen(props: StreamName & { readonly query: string }): JSX.Element {
  const [server, setServer] = useState<Offered>()
  const [{ at, isLast }, setStep] = useState<Step>({ at: 0, isLast: false })
  const [reason, setReason] = useState('')
  useEffect(() => void offered().then(setServer), [])
  if (server === undefined) return <p role="status">Connecting …</p>
  const wish = wishOf(location.search)
  const browser = abilities()
  const ways = waysToPlay(browser, server, wish)
  const way = ways[at]
  if (way === undefined) return <p role="alert">{whyNone(browser, server, wish)}</p>
  const broken = (why: string): void => {
    setReason(why)
    setStep(step => nextStep(ways, step))
  }
  const query = props.query === '' ? '' : `?${props.query}`
  return (
    <>
      {isOwn(way) ? (
        <OwnScreen key={at} src={streamUrl(location, props, props.query)} broken={broken} />
      ) : (
        <VideoScreen key={at} way={way} url={(way === 'flv' ? flvPath : hlsPath)(props) + query} broken={broken} />
      )}
      {isLast && !isOwn(way) && <p role="alert">This browser can not play this stream: {reason}.</p>}
      <p class="way">Plays {wayNames[way]}.</p>
    </>
  )
}
