import type { JSX } from 'preact'
import { useEffect, useRef, useState } from 'preact/hooks'
import type { StreamName } from './address.ts'
import { field } from './field.ts'
import { ChatRoom, isRefusal, type Line, maxName, maxText } from './chat-room.ts'

/** Lines that are kept. */
const maxLines = 100
/** Milliseconds to the next attempt to connect: twice as many each time. */
const firstDelay = 1_000
const maxDelay = 30_000

/** A chat beside the player. */
export function Chat(stream: StreamName): JSX.Element {
  const [lines, setLines] = useState<readonly Line[]>([])
  const [fault, setFault] = useState('')
  const room = useRef<ChatRoom | undefined>(undefined)
  useEffect(() => {
    let isOver = false
    let timer: ReturnType<typeof setTimeout> | undefined
    let delay = firstDelay
    const said = (line: Line): void => setLines(before => [...before, line].slice(-maxLines))
    const again = (): void => {
      room.current = undefined
      if (isOver) return
      setFault('The chat is away. Connecting again …')
      timer = setTimeout(() => void enter(), delay)
      delay = Math.min(delay * 2, maxDelay)
    }
    const enter = async (): Promise<void> => {
      try {
        const entered = await ChatRoom.enter(stream, said, again)
        if (isOver) return entered.leave()
        room.current = entered
        delay = firstDelay
        setFault('')
      } catch (error) {
        if (isRefusal(error)) setFault('There is no chat here for you.')
        else again()
      }
    }
    void enter()
    return () => {
      isOver = true
      clearTimeout(timer)
      room.current?.leave()
    }
  }, [])
  const say = (event: SubmitEvent): void => {
    event.preventDefault()
    const form = event.currentTarget as HTMLFormElement
    const [name, text] = [field(form, 'who'), field(form, 'text')]
    if (text === '' || room.current === undefined) return
    room.current.say(name === '' ? 'Somebody' : name, text)
    const input = form.elements.namedItem('text') as HTMLInputElement
    input.value = ''
  }
  return (
    <section class="chat" aria-labelledby="chat">
      <h2 id="chat">Chat</h2>
      <div class="lines" role="log" aria-label="What has been said" tabIndex={0}>
        {lines.map(({ id, name, text }) => (
          <p key={id}>
            <b>{name}</b> {text}
          </p>
        ))}
      </div>
      <p role="alert">{fault}</p>
      <form onSubmit={say}>
        <label for="who">Your name</label>
        <input id="who" name="who" maxLength={maxName} autocomplete="nickname" />
        <label for="text">Message</label>
        <input id="text" name="text" required maxLength={maxText} autocomplete="off" />
        <button type="submit" disabled={fault !== ''}>
          Send
        </button>
      </form>
    </section>
  )
}
