import type { Call } from '../../pool/call.js'
import type { ByteString } from '../../wire/names/names.js'
import { ask } from '../ask.js'
import { enteredEntry, entersAnything, listedEntry } from './entered.js'
import { probes, type PathKind } from './probe-kinds.js'
import type { Remote } from '../remote.js'

/** As `kindsOf`. If CWD and SIZE leave doubt, the listing of the parent folder decides. */
export async function pathKinds(
  remote: Remote,
  call: Call,
  paths: readonly ByteString[],
): Promise<PathKind[]> {
  const probed = await ask(remote, call, probes(paths))
  if (remote.pool.server.kind !== 'unknown') return probed.map(({ kind }) => kind)
  return Promise.all(
    probed.map(async ({ kind, sized, untold, byMlst, busy, contrary }, index) => {
      if (contrary) return (await entersAnything(remote, call)) ? 'file' : kind
      if (byMlst) return kind
      const path = paths[index]!
      if (kind === 'directory') return kindIn(await enteredEntry(remote, call, path, sized))
      if (kind !== 'missing' || path === '/' || !(untold || busy)) return kind
      const shown = kindIn(await listedEntry(remote, call, path))
      return busy && shown === 'directory' ? 'closed' : shown
    }),
  )
}

function kindIn(entry: { readonly type: string } | undefined): PathKind {
  return !entry ? 'missing' : entry.type === 'directory' ? 'directory' : 'file'
}
