import { PassThrough } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import test from 'ava';
import { createNetworkSwitch, type NetworkSwitch, readPackets } from '../../qemu/network-switch.ts';

function packet(text: string): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(text.length);
  return Buffer.concat([length, Buffer.from(text)]);
}

/** A member that can speak, and what it has heard. */
function plug(network: NetworkSwitch): { speak(bytes: Buffer): void; heard: string[] } {
  const stream = new PassThrough();
  const heard: string[] = [];
  stream.write = ((chunk: Buffer) => heard.push(chunk.subarray(4).toString()) > 0) as typeof stream.write;
  network.connect(stream);
  return { speak: (bytes) => void stream.emit('data', bytes), heard };
}

test('readPackets() gives whole packets and keeps what is unfinished', (t) => {
  const bytes = Buffer.concat([packet('one'), packet('two'), packet('three').subarray(0, 6)]);
  const { packets, rest } = readPackets(bytes);
  t.deepEqual(
    packets.map((one) => one.subarray(4).toString()),
    ['one', 'two'],
  );
  t.is(rest.length, 6);
  t.throws(() => readPackets(Buffer.from([0xff, 0, 0, 0])), { instanceOf: RangeError });
});

test('createNetworkSwitch() takes each frame to all others, also when it comes in pieces', (t) => {
  const network = createNetworkSwitch(() => 0);
  const [a, b, c] = [plug(network), plug(network), plug(network)];
  a.speak(packet('hello').subarray(0, 3));
  a.speak(packet('hello').subarray(3));
  t.deepEqual([a.heard, b.heard, c.heard], [[], ['hello'], ['hello']]);
  t.not(network.nextMac(), network.nextMac());
});

test('impair() of a switch loses the share of frames that it is told, and delays the others', async (t) => {
  const draws = [0.1, 0.9, 0.4];
  const network = createNetworkSwitch(() => draws.shift() ?? 0);
  const [a, b] = [plug(network), plug(network)];
  network.impair({ delayMs: 0, loss: 0.5 });
  for (const text of ['lost', 'kept', 'lost too']) a.speak(packet(text));
  t.deepEqual(b.heard, ['kept']);
  network.impair({ delayMs: 20, loss: 0 });
  a.speak(packet('late'));
  t.deepEqual(b.heard, ['kept']);
  await sleep(200);
  t.deepEqual(b.heard, ['kept', 'late']);
});
