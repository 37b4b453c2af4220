/** From a selection in the page to code points of the stored text. Pure; nothing is written. */

/** How many code points `text` has. */
export function codePoints(text) {
  let count = 0;
  for (const _ of text) count += 1;
  return count;
}

/**
 * Where `range` lies in `article` as { start, end, text } in code points, without the blanks at
 * its edges; null if it covers no words or reaches outside.
 * Relies on `article` holding the stored text and not one character more.
 */
export function extentOf(article, range) {
  const inside = [range.startContainer, range.endContainer].every((node) => article.contains(node));
  if (!inside || range.collapsed) return null;
  const before = document.createRange();
  before.setStart(article, 0);
  before.setEnd(range.startContainer, range.startOffset);
  const marked = range.toString();
  const text = marked.trim();
  if (!text) return null;
  const blanks = marked.slice(0, marked.indexOf(text));
  const start = codePoints(before.toString()) + codePoints(blanks);
  return { start, end: start + codePoints(text), text };
}

/** A random id for a deed, also where the page does not come over TLS. */
export function requestId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}
