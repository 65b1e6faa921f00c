// The agent's states as a table: next(state, event) -> {state, actions}. Pure. docs/host-agent.dot is its drawing.

export type StateName =
  /** The booted deployment is the default and nothing waits. */
  | 'idle'
  /** Asks the remote for its newest commit. */
  | 'checking'
  /** Fetches the commit's content; cut at any time it goes on where it stopped. */
  | 'downloading'
  /** Checks the commit out and stages it. */
  | 'staging'
  /** A new deployment waits for the reboot. */
  | 'staged'
  /** Makes the other deployment the default. */
  | 'rolling-back'
  /** The default is not the booted deployment: the other one starts at the reboot. */
  | 'reverted'
  /** systemd was asked to reboot. */
  | 'rebooting'
  /** The last operation failed; nothing of it counts. Every request is taken as in idle. */
  | 'failed';

export type EventName =
  | 'upgrade-asked'
  | 'rollback-asked'
  | 'reboot-asked'
  | 'update-found'
  | 'downloaded'
  | 'failed'
  /** What `ostree admin status` shows at the end of an operation and whenever the agent starts: the truth after any interruption. */
  | 'seen-idle'
  | 'seen-staged'
  | 'seen-reverted';

export type ActionName = 'check' | 'download' | 'arm-boot-counter' | 'stage' | 'set-default' | 'reboot';

export interface Transition {
  readonly state: StateName;
  /** Done in this order; the last one's outcome is the next event. */
  readonly actions: readonly ActionName[];
}

type Row = Readonly<Partial<Record<EventName, Transition>>>;

const to = (state: StateName, ...actions: ActionName[]): Transition => ({ state, actions });

const seen: Row = { 'seen-idle': to('idle'), 'seen-staged': to('staged'), 'seen-reverted': to('reverted') };
const failure: Row = { failed: to('failed') };

// The boot counter is armed before the boot loader's default can change, so that no power cut leaves an uncounted new default.
const requests: Row = {
  'upgrade-asked': to('checking', 'check'),
  'rollback-asked': to('rolling-back', 'arm-boot-counter', 'set-default'),
  'reboot-asked': to('rebooting', 'reboot'),
};

/** An event that a state does not name is refused in it: the agent does one thing at a time. */
export const transitions: Readonly<Record<StateName, Row>> = {
  idle: { ...requests, ...seen },
  checking: { ...seen, ...failure, 'update-found': to('downloading', 'download') },
  downloading: { ...seen, ...failure, downloaded: to('staging', 'arm-boot-counter', 'stage') },
  staging: { ...seen, ...failure },
  staged: { ...requests, ...seen },
  'rolling-back': { ...seen, ...failure },
  reverted: { ...requests, ...seen },
  rebooting: { ...seen, ...failure },
  failed: { ...requests, ...seen },
};

/** The transition, or undefined when the event does not fit the state. */
export function next(state: StateName, event: EventName): Transition | undefined {
  return transitions[state][event];
}

/** States in which an operation runs. */
export function isWorking(state: StateName): boolean {
  return next(state, 'upgrade-asked') === undefined;
}
