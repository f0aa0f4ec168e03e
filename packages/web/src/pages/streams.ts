import { useEffect, useState } from 'preact/hooks'
import type { StreamName } from './address.ts'

/** Milliseconds between two looks at the list. */
const interval = 3_000

/** A stream in the list, as the server tells it. */
export interface ListedStream extends StreamName {
  readonly since?: string
  readonly viewers: number
  readonly codecs: readonly string[]
  readonly width?: number
  readonly height?: number
}

/** What is known of the streams. */
export interface Listed {
  /** Undefined before the first answer. */
  readonly streams?: readonly ListedStream[]
  /** The last question was not answered. */
  readonly isLost: boolean
}

/** The live streams, looked at again and again while the page is seen. */
export function useStreams(): Listed {
  const [listed, setListed] = useState<Listed>({ isLost: false })
  useEffect(() => {
    let isOver = false
    let timer: ReturnType<typeof setTimeout> | undefined
    const look = async (): Promise<void> => {
      clearTimeout(timer)
      const streams = await ask()
      if (isOver) return
      setListed(before => (streams === undefined ? { ...before, isLost: true } : { streams, isLost: false }))
      clearTimeout(timer)
      if (!document.hidden) timer = setTimeout(() => void look(), interval)
    }
    const seen = (): void => void (document.hidden || look())
    document.addEventListener('visibilitychange', seen)
    void look()
    return () => {
      isOver = true
      clearTimeout(timer)
      document.removeEventListener('visibilitychange', seen)
    }
  }, [])
  return listed
}

async function ask(): Promise<readonly ListedStream[] | undefined> {
  try {
    const answer = await fetch('/rtmpipe/streams', { signal: AbortSignal.timeout(10_000) })
    if (!answer.ok) return undefined
    return ((await answer.json()) as { readonly streams: readonly ListedStream[] }).streams
  } catch {
    return undefined
  }
}
