// libsolv's Queue, a growing list of ids, behind two functions. Only its count and elements are read (public since libsolv 0.4);
// every write goes through exported functions.

import { koffi } from '../../../lib/koffi.ts';
import type { Id, Libsolv, QueueMemory } from './library.ts';

/** `struct Queue { Id *elements; int count; Id *alloc; int left; }` on 64-bit machines. */
const queueBytes = 32;
const countOffset = 8;

/** Runs `work` with a queue that holds `ids`, and frees it. The queue must not be kept. */
export function withQueue<T>(solv: Libsolv, ids: readonly Id[], work: (queue: QueueMemory) => T): T {
  const queue = Buffer.alloc(queueBytes);
  solv.queue_init(queue);
  try {
    if (ids.length > 0) solv.queue_insertn(queue, 0, ids.length, Int32Array.from(ids));
    return work(queue);
  } finally {
    solv.queue_free(queue);
  }
}

/** What libsolv put into a queue, copied out. */
export function collect(solv: Libsolv, fill: (queue: QueueMemory) => void): Id[] {
  return withQueue(solv, [], (queue) => {
    fill(queue);
    return queueContent(queue);
  });
}

export function queueContent(queue: QueueMemory): Id[] {
  const count = queue.readInt32LE(countOffset);
  if (count === 0) return [];
  const elements = koffi.decode(queue.readBigUInt64LE(0), koffi.array('int', count, 'Typed')) as Int32Array;
  return Array.from(elements);
}
