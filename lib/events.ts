// The engine never prints: it emits events, and a view (progress bars, plain lines, JSON) consumes them.

export type StepOutcome = 'done' | 'reused' | 'failed';

export type SlipwayEvent =
  /** A named piece of work begins. Steps may nest and may run beside each other; `id` tells them apart. */
  | { readonly type: 'step-start'; readonly id: number; readonly parent: number | null; readonly title: string }
  | {
      readonly type: 'step-end';
      readonly id: number;
      readonly title: string;
      readonly outcome: StepOutcome;
      readonly durationMs: number;
      /** A few words on the result, e.g. `216 packages`. */
      readonly detail?: string;
    }
  | {
      readonly type: 'progress';
      readonly id: number;
      readonly done: number;
      readonly total: number;
      readonly unit: 'bytes' | 'packages' | 'files' | 'items';
    }
  | { readonly type: 'info'; readonly message: string }
  | { readonly type: 'warning'; readonly message: string }
  /** What only helps to find out why something went as it did, e.g. what a scriptlet that went well had to say. Shown at --debug. */
  | { readonly type: 'debug'; readonly message: string }
  /** A program was started; the text can be pasted into a shell. Shown at --debug. */
  | { readonly type: 'command'; readonly command: string };

/** What a step's function can say while it runs. */
export interface StepHandle {
  /** A few words on the result, shown behind the title. */
  detail(text: string): void;
  /** Marks the result as taken from a cache. */
  reused(): void;
  /** Marks a result that is bad without being an error, e.g. a test that fails. */
  failed(): void;
  progress(done: number, total: number, unit: 'bytes' | 'packages' | 'files' | 'items'): void;
  /** Runs a step inside this one. */
  step<T>(title: string, work: (step: StepHandle) => Promise<T>): Promise<T>;
}

/** A bus with any number of listeners. Listeners must not throw. */
export class Events {
  readonly #listeners: ((event: SlipwayEvent) => void)[] = [];
  #nextId = 1;

  listen(listener: (event: SlipwayEvent) => void): void {
    this.#listeners.push(listener);
  }

  emit(event: SlipwayEvent): void {
    for (const listener of this.#listeners) listener(event);
  }

  info(message: string): void {
    this.emit({ type: 'info', message });
  }

  warning(message: string): void {
    this.emit({ type: 'warning', message });
  }

  debug(message: string): void {
    this.emit({ type: 'debug', message });
  }

  /** Runs `work` between a step-start and a step-end event; a throw is reported as `failed` and passed on. */
  step<T>(title: string, work: (step: StepHandle) => Promise<T>): Promise<T> {
    return this.#step(title, null, work);
  }

  /** Passes on the events of another process, with ids moved so that they stay unique here. Returns the function to feed. */
  forward(): (event: SlipwayEvent) => void {
    const ids = new Map<number, number>();
    const own = (id: number): number => {
      const known = ids.get(id);
      if (known !== undefined) return known;
      const fresh = this.#nextId++;
      ids.set(id, fresh);
      return fresh;
    };
    return (event) => {
      if (event.type === 'step-start') {
        this.emit({ ...event, id: own(event.id), parent: event.parent === null ? null : own(event.parent) });
      } else if (event.type === 'step-end' || event.type === 'progress') {
        this.emit({ ...event, id: own(event.id) });
      } else {
        this.emit(event);
      }
    };
  }

  async #step<T>(title: string, parent: number | null, work: (step: StepHandle) => Promise<T>): Promise<T> {
    const id = this.#nextId++;
    const startedAt = performance.now();
    let outcome: StepOutcome = 'done';
    let detail: string | undefined;
    const handle: StepHandle = {
      detail: (text) => {
        detail = text;
      },
      reused: () => {
        outcome = 'reused';
      },
      failed: () => {
        outcome = 'failed';
      },
      progress: (done, total, unit) => this.emit({ type: 'progress', id, done, total, unit }),
      step: (innerTitle, innerWork) => this.#step(innerTitle, id, innerWork),
    };
    this.emit({ type: 'step-start', id, parent, title });
    try {
      return await work(handle);
    } catch (error) {
      outcome = 'failed';
      throw error;
    } finally {
      const durationMs = Math.round(performance.now() - startedAt);
      this.emit({ type: 'step-end', id, title, outcome, durationMs, ...(detail === undefined ? {} : { detail }) });
    }
  }
}
