/**
 * Where things stand in the text on the page: code points, the one unit of every offset, and the
 * way from and to the places of the DOM. Nothing is written here.
 */

/** The text that the page shows, an article's whole or some paragraphs of it. */
export class Place {
  /** root: holds the paragraphs (`[data-start]`), the stored text and not one character more. */
  constructor(root) {
    this.root = root;
    this.string = root.textContent; // frozen, as the article is
    // Paragraphs are drawn anew, but they never move.
    this.paragraphs = [...root.querySelectorAll("[data-start]")].map(({ id, dataset }) => ({ id, start: Number(dataset.start) }));
    this.first = this.paragraphs[0]?.start ?? 0;
    this.wide = []; // where in `string` the characters of two UTF-16 units begin
    for (const match of this.string.matchAll(/[\ud800-\udbff][\udc00-\udfff]/g)) this.wide.push(match.index);
    this.end = this.points(this.string.length);
  }

  /** The code point of the article at the UTF-16 offset `unit` of `string`. */
  points(unit) {
    return this.first + unit - below(this.wide.length, (at) => this.wide[at] < unit);
  }

  /** The UTF-16 offset in `string` of a code point of the article. */
  units(point) {
    const within = point - this.first;
    return within + below(this.wide.length, (at) => this.wide[at] - at < within);
  }

  /** The words at `extent`. */
  words({ start, end }) {
    return this.string.slice(this.units(start), this.units(end));
  }

  /**
   * What `range` covers, as { start, end } in code points: cut where it leaves the text, without
   * the blanks at its edges, no grapheme cut in two; null if it covers no words.
   */
  extentOf(range) {
    const inside = clamp(this.root, range);
    if (!inside) return null;
    const from = this.#unitOf(inside.startContainer, inside.startOffset);
    return this.extent(from, from + inside.toString().length);
  }

  /** The same for two UTF-16 offsets of `string`. */
  extent(from, to) {
    [from, to] = wholeGraphemes(this.string, Math.max(from, 0), Math.min(to, this.string.length));
    const marked = this.string.slice(from, to);
    const words = marked.trim();
    if (!words) return null;
    const start = from + marked.indexOf(words);
    return { start: this.points(start), end: this.points(start + words.length) };
  }

  /** The code point under a point of the window, or null where there is no text. */
  pointAt(x, y) {
    const caret = document.caretPositionFromPoint?.(x, y) ?? legacyCaret(x, y);
    if (!caret || !this.root.contains(caret.offsetNode)) return null;
    return this.points(this.#unitOf(caret.offsetNode, caret.offset));
  }

  /** The range of `extent`: the other way. Null if the page does not hold it. */
  rangeOf({ start, end }) {
    const range = document.createRange();
    const from = this.#boundary(start, false);
    const to = this.#boundary(end, true);
    if (!from || !to) return null;
    range.setStart(...from);
    range.setEnd(...to);
    return range;
  }

  /** The boundary at a code point; `ending`: the end of what goes before rather than a start. */
  #boundary(point, ending) {
    const paragraph = this.paragraphAt(ending ? point - 1 : point);
    if (!paragraph) return null;
    let left = this.units(point) - this.units(Number(paragraph.dataset.start));
    const walker = document.createTreeWalker(paragraph, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      if (left < node.length || (ending && left === node.length)) return [node, left];
      left -= node.length;
    }
    return null;
  }

  /** The paragraph's element at a code point, the last one's at the end; null outside. */
  paragraphAt(point) {
    if (point < this.first || point > this.end) return null;
    const all = this.paragraphs;
    const found = all[below(all.length, (at) => all[at].start <= point) - 1];
    return found ? document.getElementById(found.id) : null;
  }

  #unitOf(node, offset) {
    const before = document.createRange();
    const paragraph = (node.nodeType === Node.TEXT_NODE ? node.parentElement : node).closest("[data-start]");
    const within = this.root.contains(paragraph) ? paragraph : null;
    before.setStart(within ?? this.root, 0);
    before.setEnd(node, offset);
    return (within ? this.units(Number(within.dataset.start)) : 0) + before.toString().length;
  }
}

/** How many of the first indices, 0 … count-1, hold; those that do come first. */
function below(count, holds) {
  let low = 0;
  while (low < count) {
    const middle = (low + count) >> 1;
    if (holds(middle)) low = middle + 1;
    else count = middle;
  }
  return low;
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

function legacyCaret(x, y) {
  const range = document.caretRangeFromPoint?.(x, y);
  return range && { offsetNode: range.startContainer, offset: range.startOffset };
}

// Segmenting copies its text, so only what lies around is looked at.
const WINDOW = 200;
const graphemes = new Intl.Segmenter(undefined, { granularity: "grapheme" });
const words = new Intl.Segmenter(undefined, { granularity: "word" });

/** The segment that has UTF-16 offset `at` strictly inside, as [from, to], or null. */
function around(segmenter, string, at) {
  const from = Math.max(0, at - WINDOW);
  const segment = segmenter.segment(string.slice(from, at + WINDOW)).containing(at - from);
  if (!segment || segment.index === at - from) return null;
  return { from: from + segment.index, to: from + segment.index + segment.segment.length, isWord: segment.isWordLike };
}

/** [from, to] widened so that no grapheme is cut. UTF-16 offsets. */
function wholeGraphemes(string, from, to) {
  return [around(graphemes, string, from)?.from ?? from, around(graphemes, string, to)?.to ?? to];
}

/** [from, to] widened so that no word is cut. UTF-16 offsets. */
export function wholeWords(string, from, to) {
  const [first, last] = [around(words, string, from), around(words, string, to)];
  return [first?.isWord ? first.from : from, last?.isWord ? last.to : to];
}

/**
 * The nearest edge of a word before or after UTF-16 offset `at`, `by` -1 or 1; `ends`: edges where
 * words end rather than where they begin. The end of the text if there is none.
 */
export function wordEdge(string, at, by, ends) {
  const from = by < 0 ? Math.max(0, at - WINDOW) : at;
  const piece = string.slice(from, by < 0 ? at : at + WINDOW);
  // What is no word counts with the word it stands at: an end may lie after a mark or a full stop.
  const edges = [...piece.matchAll(/\S+/gu)].flatMap((run) =>
    [...words.segment(run[0])]
      .filter((part) => part.isWordLike)
      .map((part) => from + run.index + part.index + (ends ? part.segment.length : 0))
      .concat(from + run.index + (ends ? run[0].length : 0)),
  );
  const further = edges.filter((edge) => (by < 0 ? edge < at : edge > at));
  if (by < 0) return further.length ? Math.max(...further) : from;
  return further.length ? Math.min(...further) : Math.min(at + WINDOW, string.length);
}

/** The edge of a grapheme before or after UTF-16 offset `at`, `by` -1 or 1. */
export function graphemeEdge(string, at, by) {
  const near = at + by;
  if (near <= 0) return 0;
  if (near >= string.length) return string.length;
  const segment = around(graphemes, string, near);
  if (!segment) return near;
  return by < 0 ? segment.from : segment.to;
}
