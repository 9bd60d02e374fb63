import type { Call } from '../pool/call.js'
import { dirname, type ByteString } from '../wire/names/names.js'

/**
 * What a call does with a path. `read`: what is there; `list`: the names in a folder; `walk`: a folder and
 * everything below; `change`: writes, changes, moves or removes what is there, and with it what is below; `make`:
 * makes a folder; `makeAll`: and those above it where they are missing.
 */
export type PathAccess = 'read' | 'list' | 'walk' | 'change' | 'make' | 'makeAll'

export type PathUse = readonly [access: PathAccess, path: ByteString]

/** How a call concerns a path: by what it does there, in that folder (`changeWithin`), or further below. */
type Role = 'read' | 'list' | 'walk' | 'change' | 'make' | 'readBelow' | 'changeWithin' | 'changeBelow'

/** The roles of a deed: at its path, in the folder that this is in, and in those further above. */
const rolesOf: Readonly<Record<PathAccess, readonly [Role, Role, Role]>> = {
  read: ['read', 'readBelow', 'readBelow'],
  list: ['list', 'readBelow', 'readBelow'],
  walk: ['walk', 'readBelow', 'readBelow'],
  change: ['change', 'changeWithin', 'changeBelow'],
  make: ['make', 'changeWithin', 'changeBelow'],
  makeAll: ['make', 'make', 'make'],
}

/** At one and the same path: for which earlier ones a call waits. What is in no row goes side by side. */
const waitsFor: Readonly<Record<Role, readonly Role[]>> = {
  read: ['change', 'make'],
  // A name comes or goes with each change in the folder, but not with one further below.
  list: ['change', 'make', 'changeWithin'],
  walk: ['change', 'make', 'changeWithin', 'changeBelow'],
  // What is below goes with it, and a folder's time and mode count for what is in it.
  change: ['read', 'list', 'walk', 'change', 'make', 'readBelow', 'changeWithin', 'changeBelow'],
  // Not for another that makes it, nor for what is being done in the folder: most make it again for each file.
  make: ['read', 'list', 'walk', 'change'],
  // What is below a folder needs it, and is nowhere else once it has been moved.
  readBelow: ['change', 'make'],
  changeWithin: ['list', 'walk', 'change', 'make'],
  changeBelow: ['walk', 'change', 'make'],
}

/** Of what `make` does, these need that the folder is there, and nothing else. */
const needsFolder = new Set<Role>(['read', 'readBelow', 'changeWithin', 'changeBelow'])

/** A path that is in use, or lies above one that is. */
class Node {
  /** The entries and the nodes below that need it. */
  uses = 0
  /** The newest entry of each role. */
  readonly last: Record<Role, Entry | undefined> = {
    read: undefined,
    list: undefined,
    walk: undefined,
    change: undefined,
    make: undefined,
    readBelow: undefined,
    changeWithin: undefined,
    changeBelow: undefined,
  }
  /** The number of the newest call that changes it. */
  changedAt = 0
  /** The number of the newest call that has made it. The root is always there. */
  madeAt: number

  constructor(
    readonly path: ByteString,
    readonly above: Node | undefined,
  ) {
    this.madeAt = above ? 0 : Infinity
    if (above) above.uses += 1
  }

  /** We have made it, and have not been asked since to change it or a folder above. */
  get known(): boolean {
    if (this.madeAt === 0 || this.changedAt > this.madeAt) return false
    for (let { above } = this; above; above = above.above) {
      if (above.changedAt > this.madeAt) return false
    }
    return true
  }
}

/** A place at a path, in the line of those that have the same role there. */
interface Entry {
  readonly node: Node
  readonly role: Role
  /** Its neighbours in the line: older, newer. */
  older: Entry | undefined
  newer: Entry | undefined
  /** Who waits for it and all older ones: a chain, of which the last link is kept so that two can be joined. */
  waiting: Link | undefined
  last: Link | undefined
}

interface Link {
  readonly reservation: Reservation
  next: Link | undefined
}

/** The place of a call in the order, from when it is made until `leave`. */
export class Reservation {
  /** How many lines of older ones it still waits for. */
  waits = 0
  entries: readonly Entry[] = []
  left = false
  #go: (() => void) | undefined

  constructor(
    readonly order: PathOrder,
    readonly uses: readonly PathUse[],
    readonly number: number,
  ) {}

  /** Resolves when all that comes before it has ended; rejects when the call is cancelled before. */
  turn(call?: Call): Promise<void> {
    if (this.waits === 0) return Promise.resolve()
    const executor = (resolve: () => void): void => void (this.#go = resolve)
    return call ? call.settle<void>(executor) : new Promise<void>(executor)
  }

  /** Does the work in its turn, and leaves. */
  async inTurn<T>(call: Call, work: () => Promise<T>): Promise<T> {
    let done = false
    try {
      if (this.waits > 0) await this.turn(call)
      const result = await work()
      done = true
      return result
    } finally {
      this.leave(done)
    }
  }

  /** Lets those go that wait for nobody else. `done`: what was to be done has been. */
  leave(done = false): void {
    if (this.left) return
    this.left = true
    this.order.leave(this, done)
  }

  /** One line less to wait for. */
  advance(): void {
    this.waits -= 1
    if (this.waits === 0) this.#go?.()
  }
}

/**
 * Lets calls take effect in the order in which they were made where they conflict, and the others side by side.
 *
 * Each call waits only for those made before it, and holds no session meanwhile: nobody waits in a circle, or for
 * ever. Paths are compared as they are written: one that differs in case, or leads through a link, is another one.
 */
export class PathOrder {
  readonly #nodes = new Map<ByteString, Node>()
  /** Reads that were made while there was no change: where they are matters when the first change comes. */
  readonly #loose = new Set<Reservation>()
  #changes = 0
  #count = 0

  /** How many paths are kept in mind. */
  get size(): number {
    return this.#nodes.size
  }

  /** A place behind all calls that conflict with these uses. Must be left. */
  reserve(...uses: readonly PathUse[]): Reservation {
    const reservation = new Reservation(this, uses, ++this.#count)
    if (changes(reservation)) {
      if (this.#changes === 0) {
        for (const loose of this.#loose) this.#put(loose)
        this.#loose.clear()
      }
      this.#changes += 1
    } else if (this.#changes === 0) {
      this.#loose.add(reservation)
      return reservation
    }
    this.#put(reservation)
    return reservation
  }

  /** Takes out a place that has been left. */
  leave(reservation: Reservation, done: boolean): void {
    if (this.#loose.delete(reservation)) return
    for (const entry of reservation.entries) {
      if (done && entry.role === 'make') entry.node.madeAt = Math.max(entry.node.madeAt, reservation.number)
      takeOut(entry)
    }
    for (const { node } of reservation.entries) this.#free(node)
    if (changes(reservation)) this.#changes -= 1
  }

  #put(reservation: Reservation): void {
    const entries: Entry[] = []
    for (const [access, path] of reservation.uses) this.#collect(entries, access, path)
    for (const { node, role } of entries) {
      for (const earlier of waitsFor[role]) {
        const entry = node.last[earlier]
        if (entry && !(earlier === 'make' && needsFolder.has(role) && node.known)) wait(reservation, entry)
      }
    }
    // Only now: a call that uses two paths does not wait for itself.
    for (const entry of entries) {
      const { node, role } = entry
      entry.older = node.last[role]
      if (entry.older) entry.older.newer = entry
      node.last[role] = entry
      if (role === 'change') node.changedAt = reservation.number
    }
    reservation.entries = entries
  }

  #collect(entries: Entry[], access: PathAccess, path: ByteString): void {
    const node = this.#node(path)
    // To make what we have made is to look whether it is there.
    const isThere = (access === 'make' || access === 'makeAll') && node.known
    const [there, within, below] = rolesOf[isThere ? 'read' : access]
    for (let at: Node | undefined = node; at; at = at.above) {
      const role = at === node ? there : at === node.above ? within : below
      entries.push({
        node: at,
        role,
        older: undefined,
        newer: undefined,
        waiting: undefined,
        last: undefined,
      })
      at.uses += 1
    }
  }

  #node(path: ByteString): Node {
    const found = this.#nodes.get(path)
    if (found) return found
    const missing = [path]
    let above: Node | undefined
    for (let at = path; at !== '/' && !above;) {
      above = this.#nodes.get((at = dirname(at)))
      if (!above) missing.push(at)
    }
    while (missing.length > 0) {
      const at = missing.pop()!
      above = new Node(at, above)
      this.#nodes.set(at, above)
    }
    return above!
  }

  #free(node: Node): void {
    node.uses -= 1
    for (let at: Node | undefined = node; at && at.uses === 0; at = at.above) {
      this.#nodes.delete(at.path)
      if (at.above) at.above.uses -= 1
    }
  }
}

const readsOnly = new Set<PathAccess>(['read', 'list', 'walk'])

const changes = ({ uses }: Reservation): boolean => uses.some(([access]) => !readsOnly.has(access))

function wait(reservation: Reservation, entry: Entry): void {
  const link: Link = { reservation, next: undefined }
  if (entry.last) entry.last.next = link
  else entry.waiting = link
  entry.last = link
  reservation.waits += 1
}

/** Who waited for it waits for those that are older, if there are any: nobody has to look again and again. */
function takeOut({ node, role, older, newer, waiting, last }: Entry): void {
  if (newer) newer.older = older
  else node.last[role] = older
  if (!older) {
    for (let link = waiting; link; link = link.next) link.reservation.advance()
    return
  }
  older.newer = newer
  if (!waiting) return
  if (older.last) older.last.next = waiting
  else older.waiting = waiting
  older.last = last
}
