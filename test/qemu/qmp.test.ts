import { Duplex } from 'node:stream';
import test from 'ava';
import { connectQmp } from '../../qemu/qmp.ts';

/** A QEMU that answers each command by the table; a string is an error, undefined no answer at all. */
function fakeQemu(answers: Readonly<Record<string, unknown>>): Duplex {
  const stream: Duplex = new Duplex({
    read() {},
    write(chunk, _encoding, done) {
      const { execute, id } = JSON.parse(String(chunk)) as { execute: string; id: number };
      const answer = answers[execute];
      if (typeof answer === 'string')
        stream.push(`${JSON.stringify({ id, error: { class: 'GenericError', desc: answer } })}\r\n`);
      else if (answer !== undefined) stream.push(`${JSON.stringify({ id, return: answer })}\r\n`);
      done();
    },
  });
  stream.push('{"QMP": {"version": {}, "capabilities": []}}\r\n');
  return stream;
}

test('execute() gives what the command returns, or fails with what QEMU said', async (t) => {
  const qmp = connectQmp(fakeQemu({ qmp_capabilities: {}, 'query-status': { running: true }, stop: 'not now' }));
  t.deepEqual(await qmp.execute('query-status'), { running: true });
  await t.throwsAsync(qmp.execute('stop'), { message: 'QEMU refused: not now' });
});

test('execute() fails when QEMU ends without an answer', async (t) => {
  const stream = fakeQemu({ qmp_capabilities: {} });
  const qmp = connectQmp(stream);
  const answer = qmp.execute('quit');
  stream.destroy();
  await t.throwsAsync(answer, { message: 'QEMU ended before it answered' });
  await t.throwsAsync(qmp.execute('quit'), { message: 'QEMU has ended' });
});

test('onEvent() hears events also when a message comes in pieces', async (t) => {
  const stream = fakeQemu({ qmp_capabilities: {} });
  const heard = new Promise((resolve) => connectQmp(stream).onEvent(resolve));
  stream.push('{"event": "RESET", "da');
  stream.push('ta": {"guest": true}}\r\n');
  t.deepEqual(await heard, { event: 'RESET', data: { guest: true } });
});
