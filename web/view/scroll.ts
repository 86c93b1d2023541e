const nearPx = 120;

/** Runs a change of the content and stays at its end, unless the reader has scrolled away from it. */
export function keepingEnd(scroller: HTMLElement, change: () => void): void {
  const isAtEnd = scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight < nearPx;
  change();
  if (isAtEnd) scroller.scrollTop = scroller.scrollHeight;
}
