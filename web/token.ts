const storedAs = "talaria-token";

/**
 * The key of this page: in the page itself on the machine of the agent; elsewhere in the fragment of the address the
 * first time, which is kept and taken out of the address, so that it is not copied on. Empty when there is none.
 */
export function readToken(page: Document, address: Location, storage: Storage): string {
  const served = page.querySelector<HTMLMetaElement>('meta[name="talaria-token"]')?.content;
  if (served) return served;
  const given = decodeURIComponent(address.hash.slice(1));
  if (given === "") return storage.getItem(storedAs) ?? "";
  storage.setItem(storedAs, given);
  page.defaultView?.history.replaceState(null, "", address.pathname);
  return given;
}
