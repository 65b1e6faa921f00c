// What included what: the shape that `slipway treefile graph` draws.

import type { IncludeStep } from './layer.ts';

/** A file in the include tree, for `slipway treefile graph`. */
export interface IncludeNode {
  /** The file's name as shown in messages. */
  readonly file: string;
  readonly step: IncludeStep | undefined;
  /**
   * `again`: merged at its first place. `skipped`: a condition does not hold. `inline`: written in the file above. `loop`: one of the
   * files that led here. `failed`: cannot be read, or is nested too deep.
   */
  readonly state: 'read' | 'again' | 'skipped' | 'inline' | 'loop' | 'failed';
  readonly children: IncludeNode[];
}
