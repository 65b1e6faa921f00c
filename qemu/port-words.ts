// Ports of a guest as people write them, on command lines and in machine files. Pure.

import type { PortForward } from './argv/network.ts';

export interface GuestPorts {
  /** Forwarded from free ports of this host. */
  readonly guestPorts: readonly number[];
  /** Forwarded from these. */
  readonly fixedPorts: readonly PortForward[];
}

/** What a word must be, for messages. */
export const portWords = 'a port of the guest (1 to 65535), or HOST:GUEST';

export function isPortWord(word: string): boolean {
  const ports = word.split(':');
  return (
    ports.length <= 2 && ports.every((port) => /^\d{1,5}$/.test(port) && Number(port) >= 1 && Number(port) <= 65_535)
  );
}

/** `80` for a free port of this host, `8080:80` for that one. @param words for which isPortWord() is true */
export function portsOf(words: readonly string[]): GuestPorts {
  const ports = words.map((word) => word.split(':').map(Number));
  return {
    guestPorts: ports.flatMap(([first, second]) => (second === undefined ? [first!] : [])),
    fixedPorts: ports.flatMap(([first, second]) =>
      second === undefined ? [] : [{ hostPort: first!, guestPort: second }],
    ),
  };
}
