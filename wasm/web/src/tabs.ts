// The page's tabs in one browser: when somebody has signed in, those that wait for it go on, too.

const NAME = 'exportgate.signed-in';

/** Tells the other tabs. */
export function tellTabs(): void {
  const channel = new BroadcastChannel(NAME);
  channel.postMessage(null);
  channel.close();
}

/** Calls `then` whenever another tab tells; answers what ends it. */
export function onTabTold(then: () => void): () => void {
  const channel = new BroadcastChannel(NAME);
  channel.addEventListener('message', then);
  return () => channel.close();
}
