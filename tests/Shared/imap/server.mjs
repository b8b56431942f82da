// A real IMAP server on the loopback, for tests of the mailbox of bounces: one user, what is in its folders comes by APPEND. Says
// {"event":"listening","port":n} on stdout. Ends when stdin closes, that is, with the test process.
//
// Options: --user name --password word --validity n (UIDVALIDITY of INBOX)
import { createRequire } from 'node:module';
import { parseArgs } from 'node:util';

const hoodiecrow = createRequire(import.meta.url)('hoodiecrow-imap');
const { values: options } = parseArgs({
  options: {
    user: { type: 'string', default: 'pantulan' },
    password: { type: 'string', default: 'rahasia' },
    validity: { type: 'string', default: '1' }
  }
});

const server = hoodiecrow({
  users: { [options.user]: { password: options.password } },
  storage: {
    INBOX: { uidvalidity: Number(options.validity), messages: [] },
    '': { separator: '/', folders: { Arsip: {} } }
  }
});
server.listen(0, '127.0.0.1', () => process.stdout.write(JSON.stringify({ event: 'listening', port: server.server.address().port }) + '\n'));
process.stdin.on('end', () => process.exit(0));
process.stdin.resume();
