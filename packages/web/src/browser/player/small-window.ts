/** Shows a canvas in a small window above all others: browsers have that for videos alone, so one is made of it. */
export class SmallWindow {
  readonly #canvas: HTMLCanvasElement
  #video: HTMLVideoElement | undefined

  constructor(canvas: HTMLCanvasElement) {
    this.#canvas = canvas
  }

  /** Opens it, or closes it. Rejects as the browser does, if it does not let it. */
  async toggle(): Promise<void> {
    if (this.#video !== undefined) return this.close()
    const video = document.createElement('video')
    video.muted = video.playsInline = true
    video.srcObject = this.#canvas.captureStream()
    video.addEventListener('leavepictureinpicture', () => this.close())
    this.#video = video
    try {
      await video.play()
      await video.requestPictureInPicture()
    } catch (error) {
      this.close()
      throw error
    }
  }

  close(): void {
    const video = this.#video
    this.#video = undefined
    if (video === undefined) return
    if (document.pictureInPictureElement === video) void document.exitPictureInPicture().catch(() => {})
    for (const track of (video.srcObject as MediaStream).getTracks()) track.stop()
    video.srcObject = null
  }
}
