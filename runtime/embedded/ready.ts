/** What a child process tells the parent that started it, once: `{ ready: … }`. */
export type ReadyMessage<T = unknown> = { readonly ready: T };

/** Tells the parent process, if there is one that listens, that this one serves now. */
export function announceReady(value: unknown): void {
  process.send?.({ ready: value } satisfies ReadyMessage);
}

/** Recognises such a message among others. */
export function isReadyMessage(message: unknown): message is ReadyMessage {
  return typeof message === 'object' && message !== null && 'ready' in message;
}
