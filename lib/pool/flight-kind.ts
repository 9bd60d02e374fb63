/** How questions of one kind share flights. Questions of different kinds never share one. */
export interface FlightKind {
  /** The number of questions that one session gets before an idle one takes a share. */
  readonly minShare: number
  /** The maximum of questions in one flight: their replies are awaited, and lost, together. */
  readonly maxShare: number
  /** The expected number of questions in a flight, until the first flight has shown it. */
  readonly expected: number
  /**
   * Milliseconds that the next questions wait for a flight under way to give its session back;
   * after that, another session is worth a login.
   */
  readonly patience: number
  /**
   * A reply may look like several. Each flight ends with a question whose answer is unpredictable,
   * and no reply counts before that answer.
   */
  readonly fenced: boolean
}

/** Short replies that cannot be mistaken for one another. */
export const shortReplies: FlightKind = {
  minShare: 32,
  maxShare: 256,
  expected: 32,
  patience: 250,
  fenced: false,
}
