import { addLine, directoryHandle } from '../../examples/file-system-access.js'
import { onEveryServer } from './on-every-server.js'

await onEveryServer('the File System Access API', async (t, { vfs, outside, at }) => {
  const root = directoryHandle(vfs)
  const folder = await root.getDirectoryHandle('folder', { create: true })
  await folder.getFileHandle('new', { create: true })
  await folder.getDirectoryHandle('below', { create: true })
  const names: string[] = []
  for await (const [name, { kind }] of folder.entries()) names.push(`${kind} ${name}`)
  t.same(names.sort(), ['directory below', 'file new'])
  await t.rejects(folder.getFileHandle('missing'), { name: 'NotFoundError' })
  await t.rejects(root.getFileHandle('folder'), { name: 'TypeMismatchError' })
  await t.rejects(root.removeEntry('folder'), { name: 'InvalidModificationError' })

  await addLine(vfs, '/folder', 'lines', 'first')
  await addLine(vfs, '/folder', 'lines', 'second')
  t.equal(outside.readFileSync(at('/folder/lines'), 'utf8'), 'first\nsecond\n')

  const file = await folder.getFileHandle('new')
  const writable = await file.createWritable()
  await writable.write('0123456789')
  await writable.write({ type: 'write', position: 3, data: 'xyz' })
  await writable.truncate(8)
  await writable.close()
  const stored = await file.getFile()
  t.equal(await stored.text(), '012xyz67')
  t.match(stored, { name: 'new', size: 8 })

  const changed = await file.createWritable({ keepExistingData: true })
  await changed.write({ type: 'write', position: 4, data: '4' })
  await changed.close()
  t.equal(await (await file.getFile()).text(), '012x4z67')

  await root.removeEntry('folder', { recursive: true })
  t.notOk(outside.existsSync(at('/folder')))
})
