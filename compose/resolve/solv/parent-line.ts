// The child's end of the line to its parent: JSON values, one a line, read and written at once. Without streams Node starts sooner, and the
// child has nothing to do while it waits.

import { readSync, writeSync } from '../../../lib/plain-fs.ts';
import type { ChildMessage, ParentMessage } from './job.ts';
import { childDescriptor } from './job.ts';

const chunk = Buffer.alloc(1 << 16);
let rest = Buffer.alloc(0);

/** The next message. Ends the process when the parent is gone, so that nothing is left running. */
export function receive(): ParentMessage {
  const parts = [rest];
  let end = rest.indexOf('\n');
  while (end === -1) {
    const count = readSync(childDescriptor, chunk);
    if (count === 0) process.exit(1);
    const part = Buffer.from(chunk.subarray(0, count));
    end = part.indexOf('\n');
    parts.push(part);
  }
  const last = parts.pop()!;
  rest = last.subarray(end + 1);
  return JSON.parse(Buffer.concat([...parts, last.subarray(0, end)]).toString('utf8')) as ParentMessage;
}

export function send(message: ChildMessage): void {
  const bytes = Buffer.from(`${JSON.stringify(message)}\n`);
  for (let done = 0; done < bytes.length; ) done += writeSync(childDescriptor, bytes, done);
}
