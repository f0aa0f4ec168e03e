import { isAbsolute } from 'node:path'
import { RecordError } from './errors.ts'
import { safeName } from './safe-name.ts'

export interface NameValues {
  readonly app: string
  readonly streamName: string
  readonly date: Date
  /** Files of this recording so far, this one included. */
  readonly counter: number
}

const field = /\{(\w*)\}/g

/** Fields, and patterns of the text that takes their place. */
const patterns: Readonly<Record<string, string>> = {
  date: String.raw`\d{8}-\d{6}`,
  day: String.raw`\d{8}`,
  time: String.raw`\d{6}`,
  counter: String.raw`\d+`,
}

/** The names of recordings: a path with fields in it. */
export class NameTemplate {
  readonly #template: string

  /** @throws RecordError `RTMP_ERR_RECORD_OPTION` for an unknown field, or a path that leaves the folder */
  constructor(template: string) {
    for (const [text, name = ''] of template.matchAll(field)) {
      if (name !== 'app' && name !== 'stream' && patterns[name] === undefined)
        throw new RecordError('RTMP_ERR_RECORD_OPTION', `name ${template}: there is no ${text}`)
    }
    const parts = template.split(/[/\\]/)
    if (isAbsolute(template) || parts.some(part => ['', '.', '..'].includes(part)) || template.includes('\0'))
      throw new RecordError('RTMP_ERR_RECORD_OPTION', `name ${template}: expected a path below the folder`)
    this.#template = template
  }

  /** A path below the folder, with `/`, without extension. */
  expand({ app, streamName, date, counter }: NameValues): string {
    const [day = '', time = ''] = date
      .toISOString()
      .replace(/[-:]|\..*/g, '')
      .split('T')
    const values: Record<string, string> = {
      app: safeName(app),
      stream: safeName(streamName),
      date: `${day}-${time}`,
      day,
      time,
      counter: String(counter),
    }
    return this.#template.replace(field, (_, name: string) => values[name] ?? '')
  }

  /** Matches every path that {@link expand} may give for a stream, with or without the number that makes it unique. */
  pattern(app: string, streamName: string): RegExp {
    const names: Record<string, string> = { app: escaped(safeName(app)), stream: escaped(safeName(streamName)) }
    const path = this.#template.split(/(\{\w*\})/).map(part => {
      const [, name] = /^\{(\w*)\}$/.exec(part) ?? []
      return name === undefined ? escaped(part) : (names[name] ?? patterns[name])
    })
    return new RegExp(String.raw`^${path.join('')}(~\d{1,6})?$`, 'u')
  }
}

function escaped(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/]/g, String.raw`\$&`)
}
