/** Size of the shown part of a picture. */
export interface PictureSize {
  /** Pixels in a row. */
  readonly width: number
  /** Rows of pixels. */
  readonly height: number
  /** How wide and how high a pixel is, where it is not square. */
  readonly pixelAspect?: readonly [width: number, height: number]
}
