import type { FromPipeline, Post } from './protocol.ts'

/** Pictures on their way to a page at a time; each may hold megabytes. */
const most = 60

/** Between a worker and its page, which may be too busy to take anything: what it does not take is not heaped up. */
export class PictureGate {
  readonly #post: Post
  #underWay = 0
  #dropped = 0

  constructor(post: Post) {
    this.#post = post
  }

  /** The page has taken a picture. */
  taken(): void {
    this.#underWay -= 1
  }

  readonly post: Post = (message, transfer) => {
    if (message.type === 'picture') {
      if (this.#underWay >= most) {
        this.#dropped += 1
        return message.frame.close()
      }
      this.#underWay += 1
    }
    this.#post(this.#counted(message), transfer)
  }

  #counted(message: FromPipeline): FromPipeline {
    return message.type === 'counts' ? { ...message, dropped: message.dropped + this.#dropped } : message
  }
}
