import t from 'tap'
import { outcomeOf, type ListingEnd, type ListingOutcome } from '../../../lib/remote/list/listing-end.js'

/** 700 lines of an unknown server. */
const usual: Omit<ListingEnd, 'code' | 'words'> = {
  bytes: 50_000,
  lines: 700,
  open: false,
  kind: 'unknown',
  ahead: false,
  broken: 'no',
}
const none = { bytes: 0, lines: 0 }
const pure = { kind: 'pure-ftpd' } as const
const sent = 'Transfer complete'

type Row = [code: number, words: string, what: Partial<ListingEnd>, outcome: ListingOutcome]

const tables: Record<string, Row[]> = {
  'that the server ends in order': [
    [226, sent, {}, 'whole'],
    [250, sent, {}, 'whole'],
    [226, sent, none, 'whole'],
    [226, sent, { open: true }, 'open'],
    [226, 'Directory send OK.', { kind: 'vsftpd' }, 'whole'],
  ],
  'that the server ends in order, and says that it did not': [
    [226, 'Transfer aborted', {}, 'cut'],
    [226, 'ABOR command successful', {}, 'cut'],
    [226, 'Abort successful', {}, 'cut'],
    [226, 'Closing data connection, transfer aborted.', none, 'cut'],
  ],
  'over a data connection that was made ahead': [
    [226, sent, { ahead: true }, 'whole'],
    [226, sent, { ...none, ahead: true }, 'nothing'],
    [550, 'Failed to open directory', { ...none, ahead: true }, 'refused'],
  ],
  'over TLS without close_notify': [
    [226, sent, { broken: 'perhaps' }, 'unsure'],
    [226, sent, { broken: 'yes' }, 'cut'],
    [226, 'Directory send OK.', { broken: 'yes', kind: 'vsftpd' }, 'cut'],
    [426, 'Failure writing network stream.', { broken: 'perhaps' }, 'cut'],
    [550, 'Permission denied', { ...none, broken: 'yes' }, 'refused'],
  ],
  'whose lines Pure-FTPd has counted': [
    [226, 'Options: -a -l 700 matches total', pure, 'whole'],
    [226, '700 matches total', pure, 'whole'],
    [226, '1500 matches total', pure, 'cut'],
    [226, '0 matches total', pure, 'cut'],
    [226, '0 matches total', { ...pure, ...none }, 'whole'],
    // What was left of a listing before comes in front.
    [226, '12 matches total', pure, 'cut'],
    [226, '700 matches total', { ...pure, open: true }, 'open'],
    [226, '701 matches total', { ...pure, open: true }, 'cut'],
    [226, 'Output truncated to 700 matches', pure, 'limited'],
    [226, 'Output truncated to 10000 matches', pure, 'cut'],
    // Others may leave out `.` and `..`.
    [226, '698 matches total', {}, 'whole'],
    [226, 'Output truncated to 10000 matches', {}, 'limited'],
  ],
  'that is broken off': [
    [425, 'Cannot open data connection', none, 'cut'],
    [425, 'Cannot open data connection', {}, 'cut'],
    [426, 'Connection closed; transfer aborted.', none, 'cut'],
    [426, 'Failure writing network stream.', {}, 'cut'],
    [426, 'Data connection not found', none, 'cut'],
    [450, 'Try again', {}, 'cut'],
    [451, 'Local error', {}, 'cut'],
    [451, 'a: No such file or directory', {}, 'cut'],
    [551, 'write EPIPE', {}, 'cut'],
  ],
  'that is refused': [
    [450, 'Try again', none, 'refused'],
    [451, 'Local error', none, 'refused'],
    [550, 'Permission denied', none, 'refused'],
    [550, 'Permission denied', {}, 'refused'],
    [551, 'read ECONNRESET', none, 'refused'],
  ],
  'of a folder without files': [
    [450, 'No files found', none, 'whole'],
    [550, 'No such file or directory.', none, 'whole'],
    [450, 'Directory is empty', { bytes: 9, lines: 1 }, 'whole'],
    [550, 'Not found', none, 'whole'],
  ],
}

for (const [what, rows] of Object.entries(tables)) {
  t.test(`A listing ${what}`, async t => {
    for (const [code, words, given, outcome] of rows) {
      t.equal(outcomeOf({ ...usual, ...given, code, words }), outcome, `${code} ${words}`)
    }
  })
}
