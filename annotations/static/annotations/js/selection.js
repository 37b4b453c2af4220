/** From a selection in the page to code points of the stored text. Pure; nothing is written. */

/** How many code points `text` has. */
export function codePoints(text) {
  let count = 0;
  for (const _ of text) count += 1;
  return count;
}

/**
 * Where `range` lies in `text` as { start, end, text } in code points, without the blanks at its
 * edges; what lies outside is cut off; null if it covers no words.
 * Relies on `text` holding the stored text from the code point `data-start` on, and not one
 * character more.
 */
export function extentOf(text, range) {
  const inside = clamp(text, range);
  const marked = inside?.toString() ?? "";
  const words = marked.trim();
  if (!words) return null;
  const before = document.createRange();
  before.setStart(text, 0);
  before.setEnd(inside.startContainer, inside.startOffset);
  const blanks = marked.slice(0, marked.indexOf(words));
  const start = Number(text.dataset.start) + codePoints(before.toString()) + codePoints(blanks);
  return { start, end: start + codePoints(words), text: words };
}

/** The range of `extent` in `text`: the other way. Null if `text` does not hold it. */
export function rangeOf(text, extent) {
  const range = document.createRange();
  const walker = document.createTreeWalker(text, NodeFilter.SHOW_TEXT);
  let at = Number(text.dataset.start);
  let begun = false;
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const next = at + codePoints(node.data);
    if (!begun && extent.start < next) {
      range.setStart(node, units(node.data, extent.start - at));
      begun = true;
    }
    if (begun && extent.end <= next) {
      range.setEnd(node, units(node.data, extent.end - at));
      return range;
    }
    at = next;
  }
  return null;
}

/** How many UTF-16 units the first `points` code points of `text` take. */
function units(text, points) {
  let length = 0;
  for (const character of text) {
    if (points-- <= 0) break;
    length += character.length;
  }
  return length;
}

/** The part of `range` within `element`; null if they do not meet. */
function clamp(element, range) {
  if (!range.intersectsNode(element)) return null;
  const whole = document.createRange();
  whole.selectNodeContents(element);
  const part = range.cloneRange();
  if (part.compareBoundaryPoints(Range.START_TO_START, whole) < 0) {
    part.setStart(whole.startContainer, whole.startOffset);
  }
  if (part.compareBoundaryPoints(Range.END_TO_END, whole) > 0) {
    part.setEnd(whole.endContainer, whole.endOffset);
  }
  return part;
}

/** A random id for a deed, also where the page does not come over TLS. */
export function requestId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}
