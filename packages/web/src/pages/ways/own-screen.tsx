import type { JSX } from 'preact'
import { useEffect, useRef } from 'preact/hooks'
import { defineElements } from '../library.ts'

/** Attempts to connect that fail before anything has been played, until another way is tried. */
const attempts = 2

/** The player of these pages. @param broken told when it does not play, or not all of the stream */
export function OwnScreen({ src, broken }: { readonly src: string; broken(reason: string): void }): JSX.Element {
  const player = useRef<HTMLElement>(null)
  useEffect(() => {
    const element = player.current
    let hasPlayed = false
    let isBroken = false
    const tell = (reason: string): void => {
      if (!isBroken) broken(reason)
      isBroken = true
    }
    const listening = new AbortController()
    const on = (name: string, told: (...detail: readonly unknown[]) => void): void =>
      element?.addEventListener(name, event => told(...(event as CustomEvent<unknown[]>).detail), listening)
    on('playing', () => (hasPlayed = true))
    on('unsupported', codec => tell(`no decoder for ${String(codec)}`))
    on('reconnect', (_reason, attempt) => {
      if (!hasPlayed && Number(attempt) >= attempts) tell('no WebSocket')
    })
    // The listeners are there first.
    void defineElements()
    return () => listening.abort()
  }, [])
  return <rtmpipe-player ref={player} src={src} autoplay muted controls />
}
