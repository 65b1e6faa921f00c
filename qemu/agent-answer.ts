// Cuts the agent's answers out of the bytes of its port. Pure but for the state of one answer.

export interface AgentAnswer {
  readonly stdout: Buffer;
  readonly stderr: Buffer;
  readonly status: number;
}

export interface AnswerReader {
  /** The answer, when these bytes were its last. What follows it belongs to nobody. */
  read(chunk: Buffer): AgentAnswer | undefined;
  /** Standard output so far. */
  output(): Buffer;
}

/**
 * Reads `OUTPUT \n ID STATUS SIZE \n ERRORS` (qemu/guest/agent.sh).
 * @param id a random word that no output holds by chance
 */
export function answerReader(id: string): AnswerReader {
  const mark = Buffer.from(`\n${id} `);
  const output: Buffer[] = [];
  /** Not yet told whether it is output. */
  let rest = Buffer.alloc(0);
  let marked = false;
  return {
    read: (chunk) => {
      rest = Buffer.concat([rest, chunk]);
      if (!marked) {
        const at = rest.indexOf(mark);
        const known = at === -1 ? Math.max(0, rest.length - mark.length + 1) : at;
        output.push(rest.subarray(0, known));
        rest = rest.subarray(known);
        marked = at !== -1;
      }
      if (!marked) return undefined;
      const lineEnd = rest.indexOf('\n', mark.length);
      if (lineEnd === -1) return undefined;
      const [status = 0, size = 0] = rest.toString('latin1', mark.length, lineEnd).split(' ').map(Number);
      const stderr = rest.subarray(lineEnd + 1, lineEnd + 1 + size);
      return stderr.length < size ? undefined : { stdout: Buffer.concat(output), stderr, status };
    },
    output: () => Buffer.concat(marked ? output : [...output, rest]),
  };
}
