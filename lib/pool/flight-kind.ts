/** How questions of one kind share flights. Questions of two kinds never share one. */
export interface FlightKind {
  /** So many questions go to one session before an idle one takes a part of them. */
  readonly minShare: number
  /** The most questions in one flight: their replies are awaited, and lost, together. */
  readonly maxShare: number
  /** How many questions are expected in a flight, until one has shown it. */
  readonly expected: number
  /**
   * Milliseconds that the next questions wait for a flight under way to give its session back;
   * after that, another session is worth a login.
   */
  readonly patience: number
  /**
   * A reply may look like several: each flight ends with a question whose answer cannot be
   * foreseen, and no reply counts before that answer.
   */
  readonly fenced: boolean
}

/** Short replies that cannot be taken for one another. */
export const shortReplies: FlightKind = {
  minShare: 32,
  maxShare: 256,
  expected: 32,
  patience: 250,
  fenced: false,
}
