/** XML of ActionScript 3's own class, E4X (AMF3 §3.13), as its text; it is never parsed. AMF3 only. */
export class Xml {
  /** The source. */
  readonly text: string
  /** Tells it from an {@link XmlDocument}, to the compiler too. */
  readonly e4x: true = true

  constructor(text: string) {
    this.text = text
  }
}
