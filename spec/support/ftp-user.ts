import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** The account that the servers let in and whose rights they use on the disk. */
export interface FtpUser {
  readonly name: string
  readonly password: string
  /** crypt(3) form of the password. */
  readonly passwordHash: string
  readonly uid: number
  readonly gid: number
}

const name = 'ftpvfs'
const password = 'secret'

// openssl passwd -6 -salt 'rounds=1000$ftpvfs' secret: the fewest rounds there are, so that a login costs no time.
const passwordHash =
  '$6$rounds=1000$ftpvfs$Xf5YdW1oBgAe/00AGr/koxw/ydZD.EakhWWCaTgkdJu6cCvQ17chQaooBTu5eg1Mt2zPWHsA02QJIxHue9S6x/'

/** Name of the PAM service in which vsftpd looks the password up. */
export const pamService = 'ftp-vfs-test'

// nodelay: without it pam_unix answers a wrong password after two seconds.
const pamRules = 'auth required pam_unix.so nodelay\naccount required pam_unix.so\n'

// The account has no shell and no home; vsftpd wants its home directory to exist even with local_root set.
const script = `
  name=$1 hash=$2 pam=$3 rules=$4
  getent passwd "$name" >/dev/null ||
    useradd --system --user-group --no-create-home --home-dir / --shell /usr/sbin/nologin "$name"
  [ "$(getent shadow "$name" | cut -d: -f2)" = "$hash" ] || usermod --password "$hash" "$name"
  if ! printf %s "$rules" | cmp -s - "$pam"; then
    printf %s "$rules" >"$pam.new"
    mv "$pam.new" "$pam"
  fi
  id -u "$name"
  id -g "$name"
`

let made: Promise<FtpUser> | undefined

/**
 * The servers' account, made when it is missing. Several test processes may ask at once: one at a time looks and
 * makes (flock). Without root it is only a name and a password, with this process's own rights on the disk.
 */
export function ftpUser(): Promise<FtpUser> {
  made ??= make()
  return made
}

async function make(): Promise<FtpUser> {
  const uid = process.getuid?.() ?? -1
  const gid = process.getgid?.() ?? -1
  if (uid !== 0) return { name, password, passwordHash, uid, gid }
  const args = [name, passwordHash, `/etc/pam.d/${pamService}`, pamRules]
  const { stdout } = await run('flock', ['/etc/pam.d', 'sh', '-ec', script, 'sh', ...args])
  const [userId, groupId] = stdout.trim().split('\n').map(Number)
  return { name, password, passwordHash, uid: userId!, gid: groupId! }
}
