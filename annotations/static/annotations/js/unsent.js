/**
 * Deeds that did not get through: kept in this browser for the person who did them, shown, and
 * sent again as they were.
 *
 * A deed is written down before it leaves and struck out when it is answered, so that neither a
 * reload nor a closed tab nor a crash loses it. Its request id makes a repeat harmless: the server
 * does it once and gives its first answer again. One entry of the storage a deed, so that two tabs
 * never write over each other:
 *
 *   newsroom.unsent.<person>.<request id> = {
 *     id, method, action, body: [[name, value], …] without the token, at: milliseconds,
 *     page: the path it was done on, deed and words: what it is, where: the page's name,
 *     sending: when it left last, 0 if nobody waits for its answer,
 *     failed: it is known not to have got through, why: the sentence by which it was refused }
 */
import { changed, describe, stored } from "./send.js";

const person = document.body.dataset.person;
const prefix = `newsroom.unsent.${person}.`;
const PATIENCE = 25_000; // longer than any request may take: who waited for its answer has gone
const FIRST_WAIT = 15_000;
const LAST_WAIT = 240_000;
const CALM = 600;

const box = document.getElementById("unsent");
const list = box.querySelector("ul");
const fold = box.querySelector("details");
const memory = new Map(); // what the browser refuses to store lives as long as the page
const underway = new Set(); // the ids whose answers this page waits for
let shown = "[]"; // what the box was drawn from
let calm = true; // a page that has just come first tries without a word
let sending = false;
let gone = false; // the page is being left: nobody here will hear an answer
let cut = false; // the last request did not get through
let eager = false; // the next answer tells that the line is back
let wait = FIRST_WAIT;
let timer = 0;

if (person) {
  document.addEventListener("htmx:config:request", refill, true); // before anybody completes it
  window.addEventListener("htmx:config:request", note); // when everybody has
  document.addEventListener("htmx:before:request", leave);
  document.addEventListener("htmx:before:swap", spare);
  document.addEventListener("htmx:finally:request", settle);
  document.getElementById("send-again").addEventListener("click", () => {
    wait = FIRST_WAIT;
    sendAgain(all().filter((item) => !item.why));
  });
  document.getElementById("discard-all").addEventListener("click", () => discard(inBox()));
  list.addEventListener("click", (event) => {
    const id = event.target.closest("button")?.closest("li").dataset.id;
    if (id) discard(all().filter((item) => item.id === id));
  });
  window.addEventListener("storage", show);
  window.addEventListener("online", hurry);
  window.addEventListener("pageshow", (event) => {
    gone = false;
    if (event.persisted) show();
  });
  document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && hurry());
  // Whoever waited for these answers has gone; the next page asks for them again.
  window.addEventListener("pagehide", () => {
    gone = true;
    for (const id of underway) amend(id, { sending: 0 });
    underway.clear();
  });
  fold.open = !matchMedia("(max-width: 700px)").matches; // there it would cover the page
  setTimeout(() => {
    calm = false;
    show();
  }, CALM);
  hurry();
}

/* The storage */

function all() {
  const texts = [...memory.values()];
  for (let n = 0; n < localStorage.length; n += 1) {
    const key = localStorage.key(n);
    if (key.startsWith(prefix)) texts.push(localStorage.getItem(key));
  }
  return texts.map((text) => JSON.parse(text)).sort((one, other) => one.at - other.at);
}

function find(id) {
  return all().find((item) => item.id === id);
}

function write(item) {
  try {
    localStorage.setItem(prefix + item.id, JSON.stringify(item));
    memory.delete(item.id);
  } catch {
    memory.set(item.id, JSON.stringify(item));
  }
  show();
}

function strike(id) {
  localStorage.removeItem(prefix + id);
  memory.delete(id);
  show();
}

/** Change an entry, unless it has been struck out meanwhile. */
function amend(id, changes) {
  const item = find(id);
  if (item) write({ ...item, ...changes });
}

function discard(items) {
  const many = items.length > 1 ? `these ${items.length} deeds` : "this deed";
  if (!items.length || !window.confirm(`Discard ${many}? What was not sent is lost.`)) return;
  for (const { id } of items) strike(id);
}

/* A request, from being asked for to being answered */

function idOf({ request }) {
  return request.method === "POST" ? request.body?.get?.("request_id") : null;
}

/** A deed that is sent again goes as it was, from the page as it is. */
function refill({ detail: { ctx } }) {
  if (!ctx.again) return;
  ctx.request.body = new FormData();
  for (const [name, value] of ctx.again.body) ctx.request.body.append(name, value);
}

/** Write a deed down when it is pressed: it may have to wait in line. */
function note({ defaultPrevented, detail: { ctx } }) {
  if (!defaultPrevented && !ctx.vague) keep(ctx);
}

/** It leaves, and may have been completed only now. */
function leave({ defaultPrevented, detail: { ctx } }) {
  if (!defaultPrevented) keep(ctx);
}

function keep(ctx) {
  const id = idOf(ctx);
  if (!id) return;
  if (ctx.kept && ctx.kept !== id) forget(ctx.kept);
  ctx.kept = id;
  underway.add(id);
  if (ctx.again) return amend(id, { sending: Date.now(), why: "" });
  const { method, action, body } = ctx.request;
  const pairs = [...body].filter(([name]) => name !== "csrfmiddlewaretoken");
  const { at = Date.now(), failed = false } = find(id) ?? {};
  const where = document.title.replace(/ · [^·]*$/, "");
  const item = { id, method, action, body: pairs, at, page: location.pathname, ...describe(ctx), where };
  write({ ...item, sending: gone ? 0 : Date.now(), failed, why: "" });
}

function forget(id) {
  underway.delete(id);
  strike(id);
}

/** What came of it. An answer that was not read whole is none: the server gives it again. */
function settle({ detail: { ctx } }) {
  const id = ctx.kept;
  const status = ctx.text === undefined ? 0 : ctx.response.status;
  if (id) {
    underway.delete(id);
    if (status >= 500 || (!status && ctx.status !== "issuing")) amend(id, { sending: 0, failed: true });
    else if (status === 401) amend(id, { sending: 0 });
    else if (status >= 400 && (ctx.again || ctx.unshown)) amend(id, { sending: 0, failed: false, why: refusal() });
    else strike(id); // done; or refused where its form stands; or never sent, for nobody wanted it
  }
  cut = !status && ctx.status !== "issuing";
  if (cut && !ctx.again) eager = true; // but what was tried again in vain waits for its turn
  if (!status || status >= 400 || (!eager && ctx.request.method !== "POST")) return;
  eager = false;
  setTimeout(hurry, 50);
}

function refusal() {
  const told = [...document.querySelectorAll("#notice .refused")].at(-1)?.textContent.trim();
  return told || "It was refused.";
}

/**
 * The answer to a deed that was sent again may come to another page, or to other work on the same:
 * it draws what it changed, but takes nobody's place.
 */
function spare({ detail: { ctx, tasks } }) {
  const item = ctx.again;
  if (!item) return;
  // The form it came from may stand there still: the answer has all that it holds.
  for (const form of document.querySelectorAll("main form")) if (holds(item, form)) stored(form);
  const welcome = tasks.filter(({ target }) => {
    if (target?.id === "notice") return true;
    return target instanceof Element && item.page === location.pathname && !inUse(target, item);
  });
  tasks.splice(0, tasks.length, ...welcome);
}

/** Whether another span is open in `target`, or somebody is at a form there that is not `item`. */
function inUse(target, item) {
  const opened = target.querySelector("[data-open]")?.dataset.open;
  if (opened && !item.action.includes(opened)) return true;
  const used = (form) => changed(form) || form.contains(document.activeElement);
  return [...target.querySelectorAll("form")].some((form) => used(form) && !holds(item, form));
}

function holds(item, form) {
  const sent = (name, value) => item.body.some((pair) => pair[0] === name && pair[1] === value);
  const told = [...new FormData(form)].filter(([name]) => name !== "csrfmiddlewaretoken" && name !== "request_id");
  return form.getAttribute("action") === item.action && told.every(([name, value]) => sent(name, value));
}

/* Sending again */

/** What waits to be sent: not what was refused, nor what a page still waits for. */
function waiting() {
  const now = Date.now();
  return all().filter((item) => !item.why && !underway.has(item.id) && now - item.sending > PATIENCE);
}

/** One by one, in the order in which they were done. */
async function sendAgain(items) {
  if (sending) return;
  sending = true;
  let done = 0;
  try {
    for (const item of items) {
      if (underway.has(item.id)) continue;
      await htmx.ajax(item.method, item.action, { source: document.body, swap: "none", again: item });
      if (!find(item.id)) done += 1;
      if (cut || asks()) break; // the others would not get through either
    }
  } finally {
    sending = false;
  }
  if (done) {
    wait = FIRST_WAIT;
    const said = document.querySelector("#notice .toast:not(.refused, form)");
    said?.prepend(done > 1 ? `${done} deeds were sent now. The last: ` : "Sent now: ");
  }
  plan();
}

/** Whether somebody is being asked to sign in, or to send something: another answer takes its place. */
function asks() {
  return Boolean(document.querySelector("#notice [data-asks]"));
}

function hurry() {
  if (document.visibilityState === "visible" && !asks()) sendAgain(waiting());
}

/** The next try, by itself; each one later than the one before. */
function plan() {
  clearTimeout(timer);
  if (!all().some((item) => !item.why)) return;
  timer = setTimeout(() => {
    wait = Math.min(wait * 2, LAST_WAIT);
    hurry();
    plan();
  }, wait);
}

/* The box */

/** What the box lists: what is known not to have got through, and what was refused since. */
function inBox() {
  const now = Date.now();
  const lost = ({ id, sending: left }) => left && !underway.has(id) && now - left > PATIENCE;
  return all().filter((item) => item.failed || item.why || lost(item));
}

function show() {
  const items = inBox();
  box.toggleAttribute("data-here", items.some(({ page, why }) => !why && page === location.pathname)); // for send.js
  if (calm) return;
  const drawn = JSON.stringify(items.map(({ id, why }) => [id, why]));
  if (drawn === shown) return;
  shown = drawn;
  const lost = items.filter(({ why }) => !why);
  box.hidden = !items.length;
  document.getElementById("unsent-said").hidden = !lost.length;
  document.getElementById("refused-said").hidden = lost.length > 0;
  document.getElementById("send-again").hidden = !lost.length;
  document.getElementById("discard-all").hidden = items.length < 2;
  fold.querySelector("summary").textContent = items.length === 1 ? "1 deed" : `${items.length} deeds`;
  list.replaceChildren(...items.map(draw));
  if (lost.length < items.length) fold.open = true; // a refusal is to be read
  plan();
}

/** A time as the pages write it, day before month; today's without its day. */
function told(time) {
  const today = time.toDateString() === new Date().toDateString();
  return time.toLocaleString("en-GB", { dateStyle: today ? undefined : "medium", timeStyle: "short" });
}

function draw({ id, deed, words, where, at, why }) {
  const row = document.getElementById("unsent-item").content.firstElementChild.cloneNode(true);
  const fill = (name, text) => {
    const part = row.querySelector(name);
    part.textContent = text;
    part.hidden = !text;
  };
  row.dataset.id = id;
  fill(".deed", deed);
  fill(".words", words);
  fill(".where", `${where}, ${told(new Date(at))}`);
  fill(".why", why);
  return row;
}
