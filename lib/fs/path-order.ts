import type { Call } from '../pool/call.js'
import { dirname, type ByteString } from '../wire/names/names.js'

/**
 * How a call uses a path. `read`: reads the entry. `list`: reads the names in a folder. `walk`:
 * reads a folder and everything below. `change`: writes, changes, moves or removes the entry, and
 * with it everything below. `make`: creates a folder. `makeAll`: creates missing ancestors, too.
 */
export type PathAccess = 'read' | 'list' | 'walk' | 'change' | 'make' | 'makeAll'

export type PathUse = readonly [access: PathAccess, path: ByteString]

/** How a call concerns a path: by its access there, in that folder (`changeWithin`), or below. */
type Role = 'read' | 'list' | 'walk' | 'change' | 'make' | 'readBelow' | 'changeWithin' | 'changeBelow'

/** The roles of an access: at its path, in the parent folder, and in the folders above that. */
const rolesOf: Readonly<Record<PathAccess, readonly [Role, Role, Role]>> = {
  read: ['read', 'readBelow', 'readBelow'],
  list: ['list', 'readBelow', 'readBelow'],
  walk: ['walk', 'readBelow', 'readBelow'],
  change: ['change', 'changeWithin', 'changeBelow'],
  make: ['make', 'changeWithin', 'changeBelow'],
  makeAll: ['make', 'make', 'make'],
}

/** The earlier roles that a role waits for at the same path. All other pairs run in parallel. */
const waitsFor: Readonly<Record<Role, readonly Role[]>> = {
  read: ['change', 'make'],
  // A change in the folder may add or remove a name, but one further below may not.
  list: ['change', 'make', 'changeWithin'],
  walk: ['change', 'make', 'changeWithin', 'changeBelow'],
  // Entries below move with it, and the time and mode of a folder concern its entries.
  change: ['read', 'list', 'walk', 'change', 'make', 'readBelow', 'changeWithin', 'changeBelow'],
  // Not for another `make`, nor for changes in the folder: most callers make it for each file.
  make: ['read', 'list', 'walk', 'change'],
  // Entries below a folder need it, and have another path once it has moved.
  readBelow: ['change', 'make'],
  changeWithin: ['list', 'walk', 'change', 'make'],
  changeBelow: ['walk', 'change', 'make'],
}

/** Roles that wait for a `make` only because they need the folder. */
const needsFolder = new Set<Role>(['read', 'readBelow', 'changeWithin', 'changeBelow'])

/** A path that is in use, or an ancestor of one. */
class Node {
  /** How many entries, and nodes below, need it. */
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
  /** The number of the newest call that has made it. The root always exists. */
  madeAt: number

  constructor(
    readonly path: ByteString,
    readonly above: Node | undefined,
  ) {
    this.madeAt = above ? 0 : Infinity
    if (above) above.uses += 1
  }

  /** We have made it, and no later call has asked to change it or an ancestor. */
  get known(): boolean {
    if (this.madeAt === 0 || this.changedAt > this.madeAt) return false
    for (let { above } = this; above; above = above.above) {
      if (above.changedAt > this.madeAt) return false
    }
    return true
  }
}

/** A reservation at a path, in the queue of those that have the same role there. */
interface Entry {
  readonly node: Node
  readonly role: Role
  /** Its neighbours in the queue. */
  older: Entry | undefined
  newer: Entry | undefined
  /** A chain of the reservations that wait for it and all older ones; `last` allows to join two. */
  waiting: Link | undefined
  last: Link | undefined
}

interface Link {
  readonly reservation: Reservation
  next: Link | undefined
}

/** The place of a call in the order, from `reserve` until `leave`. */
export class Reservation {
  /** How many queues of older reservations it still waits for. */
  waits = 0
  entries: readonly Entry[] = []
  left = false
  #go: (() => void) | undefined

  constructor(
    readonly order: PathOrder,
    readonly uses: readonly PathUse[],
    readonly number: number,
  ) {}

  /** Resolves when all conflicting earlier calls have ended. Rejects if the call is cancelled. */
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

  /** Frees the reservations that wait for no other. `done`: the work of the call has succeeded. */
  leave(done = false): void {
    if (this.left) return
    this.left = true
    this.order.leave(this, done)
  }

  /** Counts down the queues that it waits for. */
  advance(): void {
    this.waits -= 1
    if (this.waits === 0) this.#go?.()
  }
}

/**
 * Lets conflicting calls take effect in the order of their calls, and all others in parallel.
 *
 * A call waits only for earlier ones, and holds no session meanwhile: no deadlock, and no endless
 * wait. Paths are compared as text: one that differs in case, or leads through a link, is another.
 */
export class PathOrder {
  readonly #nodes = new Map<ByteString, Node>()
  /** Reads reserved while no change was pending. Their paths matter only once a change comes. */
  readonly #loose = new Set<Reservation>()
  #changes = 0
  #count = 0

  /** How many paths are tracked. */
  get size(): number {
    return this.#nodes.size
  }

  /** Reserves a place behind all calls that conflict with these uses. It must be left. */
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

  /** Removes a reservation that was left. */
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
    // After the waits: no self-deadlock of a call that uses two paths.
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
    // A second `make` of a folder that we made only checks that it exists.
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

/** Removes an entry. Its waiters join those of the next older entry: no queue is ever rescanned. */
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
