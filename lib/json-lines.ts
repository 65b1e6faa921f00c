// What processes of ours say to each other: JSON, one value a line.

/** Calls `receive` with each line of a stream, parsed. */
export function readJsonLines(stream: NodeJS.ReadableStream, receive: (message: unknown) => void): void {
  let rest = '';
  stream.setEncoding('utf8');
  stream.on('data', (chunk: string) => {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop()!;
    for (const line of lines) if (line !== '') receive(JSON.parse(line));
  });
}
