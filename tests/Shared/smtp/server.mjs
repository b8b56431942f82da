// A real SMTP server on the loopback, for tests of the e-mail channel. Speaks JSON lines on stdout: first {event:"listening", port}, then
// what happens: connect, auth, sender, rcpt, mail. A line "sync n" on stdin is echoed as {event:"sync", n} after everything that came
// before it, so that a test can say "and nothing else arrived" without waiting. Ends when stdin closes, that is, with the test process.
//
// Options: --port 0 --tls none|starttls|tls --cert file --key file --user name --password word --refuse (554 instead of a greeting)
// What happens to a mail is written in the addressee's local part:
//   busy 450   unknown 550   grey-2 451 twice, then accepted   full 452 after DATA   spam 554 after DATA
//   quote-550 that code after DATA, with an enhanced one, the addressee and the subject in the text
//   bye-1 421 once and the connection ends   drop-1 connection lost once after DATA   mute no answer   anything else is accepted
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { SMTPServer } from 'smtp-server';

const { values: options } = parseArgs({
  options: {
    port: { type: 'string', default: '0' },
    tls: { type: 'string', default: 'none' },
    cert: { type: 'string' },
    key: { type: 'string' },
    user: { type: 'string' },
    password: { type: 'string' },
    refuse: { type: 'boolean', default: false }
  }
});

const say = line => process.stdout.write(JSON.stringify(line) + '\n');
const answer = (code, text) => Object.assign(new Error(text), { responseCode: code });
const seen = new Map();

/** True the first n times for this address and script; n is the number in the local part. */
const isAmongTheFirst = (address, script) => {
  const match = new RegExp(`^${script}-(\\d+)`).exec(address);
  if (!match)
    return false;
  const times = (seen.get(address) ?? 0) + 1;
  seen.set(address, times);
  return times <= Number(match[1]);
};

const enhanced = { 550: '5.7.1', 421: '4.7.0', 452: '4.2.2' };

/** As filters of content answer: with what they did not like. */
const quoting = (address, mail) => {
  const code = Number(address.slice('quote-'.length).split('@')[0]);
  return answer(code, `${enhanced[code]} <${address}>: message "${/^Subject: (.*)$/mi.exec(mail)?.[1].trim()}" rejected`);
};

const socketOf = session => [...server.connections].find(connection => connection.id === session.id)?._socket;

const server = new SMTPServer({
  name: 'mail.test',
  banner: 'test',
  disableReverseLookup: true,
  authOptional: !options.user,
  allowInsecureAuth: true,
  secure: options.tls === 'tls',
  disabledCommands: [...(options.tls === 'starttls' ? [] : ['STARTTLS']), ...(options.user ? [] : ['AUTH'])],
  ...(options.cert ? { cert: readFileSync(options.cert), key: readFileSync(options.key) } : {}),

  onConnect(session, done) {
    say({ event: 'connect' });
    done(options.refuse ? answer(554, 'No service here') : null);
  },

  onAuth(auth, session, done) {
    const known = auth.username === options.user && auth.password === options.password;
    say({ event: 'auth', secure: session.secure, known });
    done(known ? null : answer(535, 'Authentication credentials invalid'), known ? { user: auth.username } : undefined);
  },

  onMailFrom(address, session, done) {
    say({ event: 'sender', address: address.address, secure: session.secure });
    done();
  },

  onRcptTo({ address }, session, done) {
    say({ event: 'rcpt', address });
    if (address.startsWith('busy'))
      return done(answer(450, 'Mailbox busy, try later'));
    if (address.startsWith('unknown'))
      return done(answer(550, 'No such user here'));
    if (isAmongTheFirst(address, 'grey'))
      return done(answer(451, 'Greylisted, come back later'));
    if (isAmongTheFirst(address, 'bye'))
      return socketOf(session)?.end('421 Too many mails on this connection\r\n');
    if (!address.startsWith('mute'))
      done();
  },

  onData(stream, session, done) {
    const chunks = [];
    stream.on('data', chunk => chunks.push(chunk));
    stream.on('end', () => {
      const to = session.envelope.rcptTo.map(r => r.address);
      const refusal = to[0].startsWith('full') ? answer(452, 'Disk full')
        : to[0].startsWith('spam') ? answer(554, 'Looks like spam')
        : to[0].startsWith('quote-') ? quoting(to[0], Buffer.concat(chunks).toString('latin1'))
        : null;
      const lost = isAmongTheFirst(to[0], 'drop');
      say({
        event: 'mail', from: session.envelope.mailFrom.address, to, secure: session.secure, connection: session.id,
        at: new Date().toISOString(), accepted: !refusal && !lost, raw: Buffer.concat(chunks).toString('latin1')
      });
      if (lost)
        return socketOf(session)?.destroy();
      done(refusal);
    });
  }
});

server.on('error', () => {
  // A client that goes away in the middle is what some tests are about.
});
const listener = server.listen(Number(options.port), '127.0.0.1', () => say({ event: 'listening', port: listener.address().port }));
createInterface({ input: process.stdin })
  .on('line', line => say({ event: 'sync', n: Number(line.split(' ')[1]) }))
  .on('close', () => process.exit(0));
