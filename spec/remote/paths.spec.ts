import fc from 'fast-check'
import t from 'tap'
import { basename, dirname, encodeName } from '../../lib/wire/names/names.js'
import * as paths from '../../lib/remote/paths.js'

const { RemotePaths } = paths
const login = new RemotePaths({ folder: '', absolute: false })

await t.test('virtual paths', async t => {
  const table: [string, string][] = [
    ['/', '/'],
    ['/a/b', '/a/b'],
    ['a/b', '/a/b'],
    ['./a', '/a'],
    ['.', '/'],
    ['//a///b//', '/a/b'],
    ['/a/', '/a'],
    ['/a/./b/.', '/a/b'],
    ['/a/../b', '/b'],
    ['/a/b/..', '/a'],
    ['..', '/'],
    ['/../../etc/passwd', '/etc/passwd'],
    ['a/../../../b', '/b'],
    ['/...', '/...'],
    ['/..a/.b', '/..a/.b'],
    ['/%2e%2e/%2F', '/%2e%2e/%2F'],
    ['/ a / b ', '/ a / b '],
    ['/a\\..\\b', '/a\\..\\b'],
    ['/~/-rf', '/~/-rf'],
    ['/[*?]";|', '/[*?]";|'],
  ]
  for (const [path, expected] of table) {
    t.equal(login.virtual(path), expected, path)
    t.equal(login.virtual(Buffer.from(path)), expected, `Buffer of ${path}`)
  }
})

await t.test('no path leaves the root, however it is written', async t => {
  const name = fc.oneof(fc.constantFrom('..', '.', '', '...', 'a', '%2e%2e', ' '), fc.string())
  const path = fc.array(name).map(names => names.join('/'))
  fc.assert(
    fc.property(path, path => {
      if (path === '') return
      const virtual = login.virtual(path)
      const names = virtual.split('/').slice(1)
      if (virtual !== '/' && !names.every(name => name !== '' && name !== '.' && name !== '..')) return false
      return virtual.startsWith('/') && login.virtual(Buffer.from(virtual, 'latin1')) === virtual
    }),
  )
  t.pass('fast-check found no counterexample')
})

await t.test('names are bytes: text in the encoding of the server, a Buffer unchanged', async t => {
  t.equal(login.virtual('/ü😀'), encodeName('/ü😀'))
  t.equal(login.virtual(Buffer.from([0x2f, 0xff, 0xfe])), '/\xff\xfe')
  const latin1 = new RemotePaths({ folder: '', absolute: false }, 'latin1')
  t.equal(latin1.virtual('/ü'), '/\xfc')
  t.equal(latin1.virtual(Buffer.from('/ü')), '/\xc3\xbc')
})

await t.test('a character that latin1 lacks is refused, and not sent as another', async t => {
  const latin1 = new RemotePaths({ folder: '', absolute: false }, 'latin1')
  t.throws(() => latin1.virtual('/Ł'), {
    name: 'TypeError',
    code: 'ERR_INVALID_ARG_VALUE',
    message: /latin1.*'\/Ł'/,
  })
})

await t.test('and so is one that another encoding lacks', async t => {
  const root = { folder: '', absolute: false }
  for (const [encoding, name] of [
    ['windows1251', '报告'],
    ['gbk', '\u{1f600}'],
    ['shiftjis', '¥'],
    ['ascii', 'é'],
  ] as const) {
    t.throws(
      () => new RemotePaths(root, encoding).virtual(`/${name}`),
      { name: 'TypeError', code: 'ERR_INVALID_ARG_VALUE', message: new RegExp(`${encoding}.*'/${name}'`) },
      `${name} in ${encoding}`,
    )
  }
})

await t.test('every encoding keeps the written slashes', async t => {
  const root = { folder: '', absolute: false }
  const gbk = new RemotePaths(root, 'gbk')
  t.equal(gbk.virtual('/报告/./x/../丂乗'), '/\xb1\xa8\xb8\xe6/\x81\x40\x81\x5c')
  t.equal(gbk.virtual(Buffer.from([0x2f, 0x81, 0xff])), '/\x81\xff', 'a Buffer as it is')
  t.equal(new RemotePaths(root, 'shiftjis').virtual('/表/ソ'), '/\x95\x5c/\x83\x5c')
})

await t.test('the empty path never becomes the root', async t => {
  t.equal(login.virtual(''), '')
  t.equal(login.virtual(Buffer.alloc(0)), '')
  t.throws(() => login.remote('', '/home'), TypeError)
})

await t.test('remote paths', async t => {
  const table: [
    folder: string,
    absolute: boolean,
    loginDirectory: string,
    virtual: string,
    expected: string,
  ][] = [
    ['', false, '/', '/', '/'],
    ['', false, '/', '/a', '/a'],
    ['', false, '/home/u', '/', '/home/u'],
    ['', false, '/home/u', '/a/b', '/home/u/a/b'],
    ['', false, '/home/u/', '/a', '/home/u/a'],
    ['a/b', false, '/home/u', '/c', '/home/u/a/b/c'],
    ['/a/b', false, '/home/u', '/c', '/home/u/a/b/c'],
    ['/a/b/', false, '/', '/', '/a/b'],
    ['', true, '/home/u', '/', '/'],
    ['', true, '/home/u', '/a', '/a'],
    ['a/b', true, '/home/u', '/c', '/a/b/c'],
    ['/a//b/', true, '/home/u', '/c', '/a/b/c'],
    ['../shared', false, '/home/u', '/a', '/home/shared/a'],
    ['../../../..', false, '/home/u', '/a', '/a'],
    ['/a/../..', true, '/home/u', '/b', '/b'],
    ['', false, '', '/a', 'a'],
    ['', false, '', '/', ''],
    ['b', false, '', '/a', 'b/a'],
    ['', false, '', '/~a', './~a'],
    ['', false, 'C:/ftp', '/a', 'C:/ftp/a'],
    ['b', false, 'C:\\ftp', '/a', 'C:\\ftp/b/a'],
    ['..', false, 'C:', '/a', '/a'],
    ['50%25', false, '/', '/%20', '/50%25/%20'],
  ]
  for (const [folder, absolute, loginDirectory, virtual, expected] of table) {
    const name = `${virtual} with folder '${folder}'${absolute ? ', absolute' : ''}, login directory '${loginDirectory}'`
    t.equal(new RemotePaths({ folder, absolute }).remote(virtual, loginDirectory), expected, name)
  }
})

await t.test('parts of a path', async t => {
  t.equal(paths.join('/', 'a'), '/a')
  t.equal(paths.join('/a', 'b'), '/a/b')
  t.equal(paths.join('/a/', ' '), '/a/ ')
  t.equal(paths.join('', 'a'), '/a')
  t.same(['/', '/a', '/a/b'].map(dirname), ['/', '/', '/a'])
  t.same(['/', '/a', '/a/b '].map(basename), ['', 'a', 'b '])
  t.same(paths.segments('/'), [])
  t.same(paths.segments('/a/b'), ['a', 'b'])
  t.same(paths.ancestors('/'), [])
  t.same(paths.ancestors('/a'), ['/'])
  t.same(paths.ancestors('/a/b/c'), ['/', '/a', '/a/b'])
})

await t.test('a path that ends with a slash can only name a folder', async t => {
  for (const path of ['/a/', '/', 'a//', '/a/.', Buffer.from('/a/'), Buffer.from('a/.')])
    t.ok(paths.hasTrailingSlash(path))
  for (const path of ['/a', '', 'a.', '/a/..', '/a/b.', Buffer.from('a')])
    t.notOk(paths.hasTrailingSlash(path))
})
