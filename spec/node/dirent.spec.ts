import * as fs from 'node:fs'
import t from 'tap'
import { Dirent } from '../../lib/node/dirent.js'

await t.test('an entry has a name and the folder it was found in', async t => {
  const entry = new Dirent('a.txt', '/b', 'file')
  t.equal(entry.name, 'a.txt')
  t.equal(entry.parentPath, '/b')
  t.equal(entry.path, '/b')
  t.same(Object.keys(entry), ['name', 'parentPath'])
})

await t.test('a name may be a Buffer', async t => {
  t.same(new Dirent(Buffer.from([0xff]), '/', 'file').name, Buffer.from([0xff]))
})

await t.test('an entry is an instance of fs.Dirent', async t => {
  t.ok(new Dirent('a', '/', 'file') instanceof fs.Dirent)
})

await t.test('each type has its method', async t => {
  const methods = [
    'isFile',
    'isDirectory',
    'isSymbolicLink',
    'isBlockDevice',
    'isCharacterDevice',
    'isFIFO',
    'isSocket',
  ] as const
  const true_ = (type: 'file' | 'directory' | 'link' | 'other') =>
    methods.filter(method => new Dirent('a', '/', type)[method]())
  t.same(true_('file'), ['isFile'])
  t.same(true_('directory'), ['isDirectory'])
  t.same(true_('link'), ['isSymbolicLink'])
  t.same(true_('other'), [])
})
