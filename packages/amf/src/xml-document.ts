/** An XML document (AMF0 §2.17), in AMF3 of the legacy class `flash.xml.XMLDocument` (§3.9), as its text; it is never parsed. */
export class XmlDocument {
  /** The document's source. */
  readonly text: string

  constructor(text: string) {
    this.text = text
  }
}
