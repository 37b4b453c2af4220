/**
 * Deeds on the span at hand, by a key or a button: about the span that was at hand and the revision
 * that was seen when it was pressed. A deed of one's own before it in line does not make it stale.
 * Words that are still being marked go by the id of the request that marks them.
 */
import { changed, line, mayLeave, on, openIn, refill, requestId } from "./send.js";
import { aim, opened, spanOf } from "./spans.js";
import { tell } from "./target.js";

const form = document.getElementById("on-span");
const WARNING = "This span is approved. Changing it undoes the approval. Change it?";
const UID = /[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/;
const marked = new Map(); // the id of the request that marked a span -> the span's uid
const mine = new Set(); // "<uid> <revision>": what a deed of mine was done to
let about = null; // what the request that is just being made is about

export const NONE = "Choose a span first: o takes the one here.";

/** Have `element` send its request about a span; its address has a place for the uid. */
export function ask(element, uid, { button, wait } = {}) {
  for (const name of ["hx-get", "hx-post"]) {
    const address = element.getAttribute(name);
    if (address) element.setAttribute(name, address.replace(UID, uid));
  }
  const span = spanOf(uid);
  about = { uid, seen: Number(span?.revision ?? 1), marking: !span, wait };
  if (element === form) form.elements.seen.value = about.seen;
  if (element.matches("form")) element.requestSubmit(button);
  else element.click();
  about = null;
}

/** Do `action` to the span at hand, or to another; fields: what else it brings. */
export function onSpan(action, fields = {}, uid = opened()) {
  if (!uid) return tell(NONE);
  for (const name of ["label", "start", "end", "text"]) {
    const field = form.elements[name];
    field.disabled = !(name in fields);
    field.value = fields[name] ?? "";
  }
  form.elements.request_id.value = requestId();
  ask(form, uid, { button: form.querySelector(`[value="${action}"]`) });
}

/** Change a span as one edit: what is asked for and nothing that is typed elsewhere. */
export function change(uid, fields) {
  const approved = spanOf(uid)?.row.matches(".is-approved");
  if (approved && !window.confirm(WARNING)) return aim(uid);
  onSpan("edit accept", fields, uid);
}

/** Another label has other fields, so what is typed in these is asked for first. */
export function relabel(uid, label) {
  if (!pending(uid) && spanOf(uid)?.label === label) return tell("It has this label already.");
  if (mayGo(uid)) change(uid, { label });
}

export function withdraw(uid = opened()) {
  if (mayGo(uid)) onSpan("withdraw dismiss", {}, uid);
}

/** Accept it, with what is typed in its panel. */
export function accept(uid = opened()) {
  const panel = openIn(document) === uid && document.getElementById("span-form");
  const button = panel && changed(panel) && panel.querySelector("[value=accept]");
  if (button) panel.requestSubmit(button);
  else onSpan("accept", {}, uid);
}

function mayGo(uid) {
  return openIn(document) !== uid || mayLeave();
}

/** Whether something that is done to that span has no answer yet. */
export function pending(uid) {
  return [...line].some(({ about: it }) => it && (marked.get(it.uid) ?? it.uid) === uid);
}

/** The request marked that span: deeds that wait for it are about this one. */
export function isMarked(id, uid) {
  if (uid) marked.set(id, uid);
  return marked.has(id);
}

on("config:request", (ctx) => {
  const { sourceElement, request } = ctx;
  if (about) return Object.assign(ctx, { about, vague: about.marking, resolve: aimed });
  if (!sourceElement.matches("#span-form, #strip-form")) return;
  const [uid] = request.action.match(UID);
  const resolve = sourceElement.id === "span-form" ? asItStands : aimed;
  Object.assign(ctx, { about: { uid, seen: Number(request.body.get("seen")) }, resolve });
});

/** The words that were being marked are a span by now, and what was seen of it was made by me. */
function aimed({ about: it, request }) {
  if (it.marking) {
    const uid = marked.get(it.uid);
    if (!uid) return "Not done: those words were not marked.";
    request.action = request.action.replace(it.uid, uid);
    it.uid = uid;
  }
  request.body?.set("seen", later(it));
}

/** The revision that somebody has seen who saw that one and did what I did since. */
function later({ uid, seen }) {
  let revision = seen;
  while (mine.has(`${uid} ${revision}`)) revision += 1;
  return revision;
}

/** The panel's form, if a deed of mine has drawn it anew meanwhile, goes as it stands there. */
function asItStands({ about: { uid }, request }) {
  const panel = document.getElementById("span-form");
  const drawn = openIn(document) === uid && panel?.elements.request_id.value;
  if (!drawn || drawn === request.body.get("request_id")) return;
  if (!changed(panel)) return ""; // it was pressed twice
  if (!refill({ request }, panel)) return "That cannot be done to this span any more.";
}

// Before anybody takes the panel out of the answer.
on("before:swap", (ctx, tasks) => {
  if (ctx.request.method !== "POST" || !(ctx.response?.status < 300)) return;
  const panel = tasks.find(({ target }) => target?.id === "panel")?.fragment;
  const uid = panel && openIn(panel);
  if (uid) mine.add(`${uid} ${panel.querySelector("[name=seen]").value - 1}`);
}, true);
