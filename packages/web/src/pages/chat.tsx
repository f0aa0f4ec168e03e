import type { JSX } from 'preact'
import { useEffect, useRef, useState } from 'preact/hooks'
import type { StreamName } from './address.ts'
import { field } from './field.ts'
import { ChatRoom, type Line, maxName, maxText } from './chat-room.ts'

/** Lines that are kept. */
const maxLines = 100

/** A chat beside the player. */
export function Chat(stream: StreamName): JSX.Element {
  const [lines, setLines] = useState<readonly Line[]>([])
  const [fault, setFault] = useState('')
  const room = useRef<ChatRoom | undefined>(undefined)
  useEffect(() => {
    let isOver = false
    const said = (line: Line): void => setLines(before => [...before, line].slice(-maxLines))
    const over = (): void => {
      room.current = undefined
      if (!isOver) setFault('The chat has ended. Load the page again to come back.')
    }
    ChatRoom.enter(stream, said, over).then(
      entered => {
        if (isOver) entered.leave()
        else room.current = entered
      },
      () => setFault('There is no chat here for you.'),
    )
    return () => {
      isOver = true
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
