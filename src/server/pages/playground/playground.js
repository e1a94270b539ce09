// The page to try the chain: asks for a streamed answer, and shows meanwhile what each step does.
//
// Whatever the server sends is text to this page: it is never parsed as HTML. A figure that isn't known
// is shown as unknown, never as 0, and an answer counts as complete only if the server said so.

const UNKNOWN = "unknown";
const NONE_YET = "–";
/** What is asked for if the server doesn't tell its models. */
const DEFAULT_MODEL = "prompt-chaining";
const TOKEN_KEY = "promptchain.token";

const byId = (id) => document.getElementById(id);
const part = (element, name) => element.querySelector(`[data-shows="${name}"]`);
const show = (element, name, text) => void (part(element, name).textContent = text);

// --- Figures in words

const figure = new Intl.NumberFormat("en");
const isKnown = (value) => typeof value === "number" && Number.isFinite(value);
const inTokens = (tokens) => (isKnown(tokens) ? figure.format(tokens) : UNKNOWN);
const inSeconds = (seconds) => (isKnown(seconds) ? `${seconds.toFixed(1)} s` : UNKNOWN);
const dollars = (amount) => `$${amount.toFixed(amount > 0 && amount < 0.01 ? 6 : 4)}`;
const inDollars = (amount) => (isKnown(amount) ? dollars(amount) : UNKNOWN);
const secondsSince = (moment) => (performance.now() - moment) / 1000;

// --- Server-sent events

/** Takes a stream's text in pieces, cut anywhere, and gives the data of each event once it is whole. */
class EventReader {
  #rest = "";
  #endedInCr = false;
  #data = [];

  read(text) {
    if (text === "") return [];
    // The second half of a CRLF whose first half ended a line already.
    if (this.#endedInCr && text.startsWith("\n")) text = text.slice(1);
    this.#endedInCr = text.endsWith("\r");
    const lines = (this.#rest + text).split(/\r\n|\r|\n/);
    this.#rest = lines.pop();
    return lines.map((line) => this.#take(line)).filter(Boolean);
  }

  /** The data of the event that this line ends, if it ends one. Comments have no field's name. */
  #take(line) {
    if (line === "") return this.#data.splice(0).join("\n");
    const colon = line.indexOf(":");
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? "" : line.slice(colon + 1).replace(/^ /, "");
    if (field === "data") this.#data.push(value);
    return "";
  }
}

/** The data of each event of a response's body. */
async function* eventsOf(body) {
  const bytes = body.getReader();
  const decoder = new TextDecoder();
  const events = new EventReader();
  try {
    for (;;) {
      const { done, value } = await bytes.read();
      if (done) return;
      yield* events.read(decoder.decode(value, { stream: true }));
    }
  } finally {
    bytes.cancel().catch(() => {});
  }
}

// --- The token, and the models that it may use

const tokenField = byId("token");
const remember = byId("remember");
const token = () => tokenField.value.trim().replace(/^Bearer\s+/i, "");
const authorization = () => ({ Authorization: `Bearer ${token()}` });

function keepToken() {
  if (remember.checked) sessionStorage.setItem(TOKEN_KEY, token());
  else sessionStorage.removeItem(TOKEN_KEY);
}

/** Puts another kind of element into the place of the one for the model. */
function replaceModelField(tag) {
  const field = document.createElement(tag);
  field.id = "model";
  field.dataset.testid = "model";
  byId("model").replaceWith(field);
  return field;
}

function offerModels(ids) {
  const chosen = byId("model").value;
  const select = replaceModelField("select");
  select.append(...ids.map((id) => new Option(id)));
  if (ids.includes(chosen)) select.value = chosen;
}

function askForModel() {
  const chosen = byId("model").value;
  const input = replaceModelField("input");
  input.required = true;
  input.value = chosen || DEFAULT_MODEL;
}

async function fetchModels() {
  const response = await fetch("/v1/models", { headers: authorization() });
  if (!response.ok) throw new Error((await errorIn(response)).message);
  const ids = (await response.json()).data.map((model) => model.id);
  if (ids.length === 0) throw new Error("The server lists no model");
  return ids;
}

let listedFor = "";
let listing = Promise.resolve();

/** Lists the models once for each token; settles when the field for the model is ready. */
function listModels() {
  const asked = token();
  if (asked === "" || asked === listedFor) return listing;
  listedFor = asked;
  const unlessOutdated = (act) => (value) => void (asked === listedFor && act(value));
  listing = fetchModels().then(
    unlessOutdated((ids) => {
      offerModels(ids);
      byId("token-problem").textContent = "";
    }),
    unlessOutdated((error) => {
      askForModel();
      byId("token-problem").textContent = `No models listed: ${error.message}`;
    }),
  );
  return listing;
}

// --- What each step does

const cards = [...document.querySelectorAll("[data-step]")].map((element) => ({
  element,
  name: element.dataset.step,
  about: part(element, "note").textContent,
}));
const isGoing = (card) => ["running", "retrying"].includes(card.element.dataset.state);

function setState(card, state, words = state) {
  card.element.dataset.state = state;
  show(card.element, "state", words);
}

function resetCard(card) {
  setState(card, "waiting");
  card.since = null;
  card.cost = undefined;
  for (const name of ["seconds", "tokens", "cost"]) show(card.element, name, NONE_YET);
  show(card.element, "note", card.about);
  card.element.querySelector(".parts")?.remove();
}

function startCard(card, words) {
  card.since ??= performance.now();
  setState(card, "running", words);
}

function finishCard(card, { seconds, tokens, cost_usd: cost }) {
  card.cost = cost;
  setState(card, "done");
  show(card.element, "seconds", inSeconds(seconds));
  const { input, output } = tokens ?? {};
  const sides = `${inTokens(input)} in, ${inTokens(output)} out`;
  show(card.element, "tokens", isKnown(input) || isKnown(output) ? sides : UNKNOWN);
  show(card.element, "cost", inDollars(cost));
}

/** Ends a step that the server said nothing more of: what it has used isn't known. */
function endCard(card, state) {
  setState(card, state);
  for (const line of card.element.querySelectorAll('.parts [data-state="running"], .parts [data-state="retrying"]')) {
    line.textContent = line.textContent.replace(/(running|retrying)$/, state);
    line.dataset.state = state;
  }
  if (card.cost !== undefined) return;
  card.cost = null;
  if (card.since !== null) show(card.element, "seconds", inSeconds(secondsSince(card.since)));
  show(card.element, "tokens", UNKNOWN);
  show(card.element, "cost", UNKNOWN);
}

/** The line of a part of a step, which is made when it begins; the parts begin in order. */
function partLine(card, told) {
  let list = card.element.querySelector(".parts");
  if (!list) {
    list = document.createElement("ol");
    list.className = "parts help";
    card.element.append(list);
  }
  let line = list.querySelector(`[data-part="${Number(told.worker)}"]`);
  if (!line) {
    line = document.createElement("li");
    line.value = told.worker;
    line.dataset.part = told.worker;
    list.append(line);
  }
  return line;
}

function showPart(card, told) {
  const ended = told.state === "finished" || told.state === "failed";
  const { input, output } = told.tokens ?? {};
  const figures = [inSeconds(told.seconds), `${inTokens(input)} in, ${inTokens(output)} out`, inDollars(told.cost_usd)];
  const state = { started: "running", finished: "done" }[told.state] ?? told.state;
  const line = partLine(card, told);
  line.dataset.state = state;
  line.textContent = [told.title, state, ...(ended ? figures : [])].filter(Boolean).join(" · ");
}

function showStep(told) {
  const card = cards.find(({ name }) => name === told.step);
  if (!card) return;
  if (isKnown(told.worker)) {
    showPart(card, told);
    return;
  }
  const again = told.attempt > 1 ? `attempt ${told.attempt}` : "";
  const note = [told.model, again].filter(Boolean).join(", ");
  if (note !== "") show(card.element, "note", note);
  if (told.state === "started" || told.state === "retrying") startCard(card);
  if (told.state === "retrying") setState(card, "retrying");
  if (told.state === "finished") finishCard(card, told);
  byId("status").textContent = `${told.step}: ${part(card.element, "state").textContent}`;
}

function tick() {
  for (const card of cards.filter(isGoing)) show(card.element, "seconds", inSeconds(secondsSince(card.since)));
}

// --- One run

/** What is known of a run. */
class Run {
  began = performance.now();
  abort = new AbortController();
  ticking = setInterval(tick, 100);
  text = byId("answer").appendChild(document.createTextNode(""));
  firstText = null;
  usage = null;
  finishReason = null;
  /** Whether the server said that nothing follows. */
  ended = false;
  /** What went wrong: `message`, and whatever else is known. */
  error = null;
  requestId = null;
}

let run = null;

function ask() {
  const system = byId("system").value.trim();
  const messages = [{ role: "user", content: byId("prompt").value }];
  if (system !== "") messages.unshift({ role: "system", content: system });
  return {
    model: byId("model").value,
    messages,
    stream: true,
    stream_options: { include_usage: true, include_steps: true },
  };
}

/** What an HTTP error says, whoever it comes from: a proxy's has no JSON. */
async function errorIn(response) {
  const body = await response.json().catch(() => null);
  const { message, code } = body?.error ?? {};
  return {
    message: message ?? `The server answered with ${`${response.status} ${response.statusText}`.trim()}`,
    code,
    status: response.status,
    retryAfter: response.headers.get("Retry-After"),
  };
}

function takeChunk(run, chunk) {
  if (chunk.error) run.error ??= chunk.error;
  if (chunk.promptchain) showStep(chunk.promptchain);
  if (chunk.usage) run.usage = chunk.usage;
  const choice = chunk.choices?.[0];
  if (choice?.delta?.content) {
    run.firstText ??= secondsSince(run.began);
    run.text.appendData(choice.delta.content);
    byId("copy").hidden = false;
  }
  run.finishReason = choice?.finish_reason ?? run.finishReason;
}

async function readAnswer(run) {
  const response = await fetch("/v1/chat/completions", {
    method: "POST",
    headers: { ...authorization(), "Content-Type": "application/json" },
    body: JSON.stringify(ask()),
    signal: run.abort.signal,
  });
  run.requestId = response.headers.get("X-Request-ID");
  if (!response.ok) {
    cards.forEach(resetCard);
    run.error = await errorIn(response);
    return;
  }
  for await (const data of eventsOf(response.body)) {
    if (data === "[DONE]") {
      run.ended = true;
      return;
    }
    takeChunk(run, JSON.parse(data));
  }
}

async function send() {
  begin();
  const mine = run;
  try {
    await Promise.race([listModels(), aborted(mine.abort.signal)]);
    await readAnswer(mine);
  } catch (error) {
    if (!mine.abort.signal.aborted) mine.error ??= { message: `The answer couldn't be read: ${error.message}` };
  }
  finish(mine);
}

function aborted(signal) {
  return new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
}

function begin() {
  clearInterval(waiting);
  cards.forEach(resetCard);
  for (const id of ["error", "retry", "total", "copy"]) byId(id).hidden = true;
  byId("answer").replaceChildren();
  byId("answer").classList.remove("partial");
  byId("run").dataset.state = "running";
  byId("status").textContent = "Sent; waiting for the server";
  run = new Run();
  startCard(cards[0], "starting");
  setButton("stop");
  // On a narrow screen they are below the button.
  byId("steps").scrollIntoView({ block: "nearest" });
}

/** While a run is going the button stops it, and isn't what Enter in a field presses. */
function setButton(does) {
  const button = byId("send");
  button.dataset.does = does;
  button.type = does === "stop" ? "button" : "submit";
  button.textContent = does === "stop" ? "Stop" : "Send";
}

// --- How a run ended

/** The state of the run, and the words for it. */
function ending(run) {
  if (run.abort.signal.aborted) return ["stopped", "Stopped by you; the answer is incomplete"];
  const begun = run.text.length > 0;
  if (run.error) return begun ? ["incomplete", "Failed; the answer is incomplete"] : ["failed", "Failed"];
  if (!run.ended || !run.finishReason) {
    return ["incomplete", "The connection ended before the answer did; it is incomplete"];
  }
  if (run.finishReason === "length") return ["cut", "Cut: the answer reached its limit of tokens"];
  if (run.finishReason === "content_filter") return ["cut", "Cut: the model refused to answer, or to go on"];
  return ["complete", "Complete"];
}

function finish(run) {
  clearInterval(run.ticking);
  const [state, words] = ending(run);
  byId("run").dataset.state = state;
  byId("status").textContent = words;
  byId("answer").classList.toggle("partial", state !== "complete" && run.text.length > 0);
  endSteps({ stopped: "stopped", complete: "done", cut: "done" }[state] ?? "failed", run.error?.step);
  if (run.error) showError(run.error, run.requestId);
  // A request that was refused as a whole has no figures.
  if (!run.error?.status) showTotal(run);
  setButton("send");
}

function endSteps(state, failed) {
  for (const card of cards) {
    if (isGoing(card) || card.name === failed) endCard(card, state);
    else if (card.element.dataset.state === "waiting") setState(card, "waiting", "not run");
  }
}

/** The cost of all steps. Where one of them isn't known, neither is the sum. */
function totalCost() {
  const begun = cards.map(({ cost }) => cost).filter((cost) => cost !== undefined);
  const known = begun.filter(isKnown);
  const sum = known.reduce((sum, cost) => sum + cost, 0);
  if (known.length === begun.length && begun.length > 0) return dollars(sum);
  return known.length > 0 ? `${UNKNOWN}, at least ${dollars(sum)}` : UNKNOWN;
}

function showTotal(run) {
  const total = byId("total");
  show(total, "tokens", inTokens(run.usage?.total_tokens));
  show(total, "cost", totalCost());
  show(total, "first-text", run.firstText === null ? "none" : inSeconds(run.firstText));
  show(total, "seconds", inSeconds(secondsSince(run.began)));
  show(total, "finish-reason", run.finishReason ?? "none");
  total.hidden = false;
}

function showError(error, requestId) {
  const element = byId("error");
  const known = [
    ["status", error.status],
    ["code", error.code],
    ["step", error.step],
    ["phase", error.phase],
    ["request", requestId],
  ].filter(([, value]) => value);
  element.hidden = false;
  show(element, "message", error.message);
  show(element, "details", known.map(([name, value]) => `${name} ${value}`).join(" · "));
  if (error.retryAfter) countDown(error.retryAfter);
}

let waiting = 0;

/** Tells how long to wait: seconds, or until a date. */
function countDown(retryAfter) {
  const seconds = /^\d+$/.test(retryAfter) ? Number(retryAfter) : (Date.parse(retryAfter) - Date.now()) / 1000;
  if (!isKnown(seconds)) return;
  const from = performance.now();
  const tell = () => {
    const left = Math.ceil(seconds - secondsSince(from));
    byId("retry").textContent = left > 0 ? `Try again in ${figure.format(left)} s` : "You can try again now";
    if (left <= 0) clearInterval(waiting);
  };
  byId("retry").hidden = false;
  waiting = setInterval(tell, 1000);
  tell();
}

// --- What the reader does

async function copyAnswer() {
  const answer = byId("answer");
  try {
    await navigator.clipboard.writeText(answer.textContent);
    byId("copy").textContent = "Copied";
  } catch {
    // Without HTTPS a page has no clipboard: the reader's own keys do it.
    getSelection().selectAllChildren(answer);
    byId("copy").textContent = "Selected";
  }
  setTimeout(() => (byId("copy").textContent = "Copy"), 2000);
}

byId("ask").addEventListener("submit", (event) => {
  event.preventDefault();
  if (byId("send").dataset.does === "send") send();
});
byId("send").addEventListener("click", (event) => {
  if (event.currentTarget.dataset.does === "send") return;
  // By the time the click takes effect the button may say Send again: it mustn't.
  event.preventDefault();
  // The second half of a double click on Send isn't meant to stop.
  if (secondsSince(run.began) > 0.3) run.abort.abort();
});
byId("prompt").addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
  event.preventDefault();
  byId("ask").requestSubmit();
});
byId("copy").addEventListener("click", copyAnswer);
remember.addEventListener("change", keepToken);
tokenField.addEventListener("change", () => {
  keepToken();
  listModels();
});

const kept = sessionStorage.getItem(TOKEN_KEY);
if (kept) {
  tokenField.value = kept;
  remember.checked = true;
  listModels();
}
