import t from 'tap'
import { RemotePaths } from '../../lib/remote/paths.js'
import type { Remote } from '../../lib/remote/remote.js'
import { serverCommand, serverFile, serverPath } from '../../lib/remote/server-file.js'
import { virtualPath } from '../../lib/remote/virtual-path.js'

/** A tree whose `/` is the folder, on a server whose PWD at login names `/home/u`. */
function remoteAt(folder: string, { absolute = false, useCwdNames = false } = {}): Remote {
  const paths = new RemotePaths({ folder, absolute })
  return { paths, pool: { server: { loginDirectory: '/home/u' } }, options: { useCwdNames } } as Remote
}

t.test('a path starts from the login directory, or from the root of the server', async t => {
  t.equal(serverPath(remoteAt(''), '/'), '/home/u')
  t.equal(serverPath(remoteAt('data'), '/a/b'), '/home/u/data/a/b')
  t.equal(serverPath(remoteAt('/data', { absolute: true }), '/a'), '/data/a')
})

t.test('a file goes by its path', async t => {
  t.same(serverFile(remoteAt(''), '/d/a'), { path: '/home/u/d/a' })
})

t.test('a file goes by a bare name with useCwdNames, or where a folder is given', async t => {
  const bare = { path: '/home/u/d/a', folder: '/home/u/d' }
  t.same(serverFile(remoteAt('', { useCwdNames: true }), '/d/a'), bare)
  t.same(serverFile(remoteAt(''), '/d/a', '/d'), bare)
  const root = { path: '/home/u', folder: '/home/u' }
  t.same(serverFile(remoteAt('', { useCwdNames: true }), '/'), root, 'the root is its own folder')
})

t.test('a command keeps its verb, and one without a path stays as it is', async t => {
  t.same(serverCommand(remoteAt(''), { verb: 'SIZE', path: '/a' }), { verb: 'SIZE', path: '/home/u/a' })
  t.same(serverCommand(remoteAt(''), { verb: 'NOOP' }), { verb: 'NOOP' })
  const made = serverCommand(remoteAt(''), { verb: 'MKD', path: '/d/n', folder: '/d' })
  t.same(made, { verb: 'MKD', path: '/home/u/d/n', folder: '/home/u/d' })
})

t.test('a path on the server is found in the tree', async t => {
  for (const [path, folder, expected] of [
    ['/home/u', '/', '/'],
    ['/home/u/', '/', '/'],
    ['/home/u/a/b', '/', '/a/b'],
    ['/home/u/a/../b/', '/', '/b'],
    ['b', '/a', '/a/b'],
    ['../b', '/a', '/b'],
    ['.', '/a', '/a'],
    ['..', '/', undefined],
    ['/home/under', '/', undefined],
    ['/etc', '/', undefined],
  ] as const) {
    t.equal(virtualPath(remoteAt(''), path, folder), expected, `${path} in ${folder}`)
  }
  t.equal(virtualPath(remoteAt('/', { absolute: true }), '/etc/x'), '/etc/x', 'the root of the server')
})
