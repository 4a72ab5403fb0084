// The page's socket: one stream of frames that survives lost connections, told to the page as DOM events.
//
// Dispatched on `document`, each with the frame as its detail:
//   live:event     something happened to this user; seen once, in the order of seq
//   live:unread    {unread}: how many notifications are unread now, an absolute number
//   live:room      something happened in a room that was asked for with enter()
//   live:open      connected; detail.again says whether something may have been missed, so read again
//   live:lost      not connected; trying again, unless detail.final

const LONGEST_WAIT = 30_000;
const GRACE = 10_000; // how late a pong may be
const FINAL_CODES = new Set([4400, 4403]);
const SIGNED_OUT = 4401;
// Rooms asked for at once, and then how far apart (ms): the server takes 60 frames at once and 20 a second.
const AT_ONCE = 40;
const APART = 60;

class Live {
  #key;
  #loginUrl;
  #position; // {epoch, seq} of the last event this tab has seen
  #readAt; // what happened in rooms after this moment the page may not show
  #rooms = new Set();
  #socket = null;
  #work = Promise.resolve();
  #heartbeat = 25_000;
  #wasLost = false;
  #attempts = 0;
  #askedWait = null;
  #timers = {};

  /** Connect as `user` (an id), resuming after the last frame this tab saw, else after `since` {epoch, seq}. */
  start({ user, since, readAt, loginUrl }) {
    this.#readAt = readAt;
    this.#key = `live:${user}`;
    this.#loginUrl = loginUrl;
    this.#position = JSON.parse(sessionStorage.getItem(this.#key)) ?? since;
    addEventListener("online", () => this.#retryNow());
    addEventListener("pageshow", (event) => event.persisted && this.#retryNow());
    addEventListener("pagehide", () => this.#socket?.close());
    document.addEventListener("visibilitychange", () => document.hidden || this.#retryNow());
    this.#connect();
  }

  /** Disconnect for good: this page is being left. */
  stop() {
    for (const timer of Object.values(this.#timers)) clearTimeout(timer);
    if (this.#socket) this.#socket.onclose = null;
    this.#socket?.close();
    this.#socket = null;
    this.#key = undefined;
  }

  get isOpen() {
    return this.#socket?.readyState === WebSocket.OPEN;
  }

  /** Hear what happens in `room`, like "project:12"; asked for again after every reconnect. */
  enter(room) {
    this.#rooms.add(room);
    this.#ask(room);
  }

  #ask(room) {
    this.#send({ type: "subscribe", room, ref: room, since: this.#readAt });
  }

  #send(frame) {
    if (this.isOpen) this.#socket.send(JSON.stringify(frame));
  }

  #connect() {
    clearTimeout(this.#timers.retry);
    const address = new URL("/ws/me", location.href);
    address.protocol = location.protocol === "https:" ? "wss:" : "ws:";
    if (this.#position) {
      address.searchParams.set("epoch", this.#position.epoch);
      address.searchParams.set("since", this.#position.seq);
    }
    const socket = new WebSocket(address);
    this.#socket = socket;
    socket.onmessage = (message) => {
      this.#expectAnother();
      // One after the other: a gap is filled by a request, and what follows must wait for it.
      this.#work = this.#work.then(() => this.#receive(JSON.parse(message.data))).catch(console.warn);
    };
    socket.onclose = (close) => socket === this.#socket && this.#closed(close.code);
  }

  #closed(code) {
    for (const name of ["ping", "deadline"]) clearTimeout(this.#timers[name]);
    this.#socket = null;
    this.#wasLost = true;
    if (code === SIGNED_OUT && this.#goToTheDoor()) return;
    const final = code === SIGNED_OUT || FINAL_CODES.has(code);
    tell("live:lost", { final });
    if (!final) this.#retryLater();
  }

  /** Once: were the page to come straight back, signed in after all, it would go round in circles. */
  #goToTheDoor() {
    const sent = Number(sessionStorage.getItem("live:sent-to-login"));
    if (Date.now() - sent < LONGEST_WAIT) return false;
    sessionStorage.setItem("live:sent-to-login", Date.now());
    const login = new URL(this.#loginUrl, location.href);
    login.searchParams.set("next", location.pathname + location.search);
    location.assign(login);
    return true;
  }

  /** Full jitter, so that a restarted server is not met by everyone at once. */
  #retryLater() {
    const ceiling = Math.min(LONGEST_WAIT, 1000 * 2 ** this.#attempts++);
    const wait = this.#askedWait ?? Math.random() * ceiling;
    this.#askedWait = null;
    this.#timers.retry = setTimeout(() => this.#connect(), wait);
  }

  #retryNow() {
    if (!this.#socket && this.#key) this.#connect();
  }

  #beat() {
    clearTimeout(this.#timers.ping);
    this.#timers.ping = setTimeout(() => {
      this.#send({ type: "ping", ref: "beat" });
      this.#beat();
    }, this.#heartbeat);
  }

  /** A connection that died without a word is found by its silence. */
  #expectAnother() {
    const socket = this.#socket;
    clearTimeout(this.#timers.deadline);
    this.#timers.deadline = setTimeout(() => {
      socket.onclose = null;
      socket.close();
      if (socket === this.#socket) this.#closed(4408);
    }, this.#heartbeat + GRACE);
  }

  async #receive(frame) {
    switch (frame.type) {
      case "hello":
        return this.#greet(frame);
      case "event":
        return this.#happened(frame);
      case "gap":
        return this.#fill(frame);
      case "room":
        if (frame.data?.unread !== undefined) tell("live:unread", frame.data);
        return tell("live:room", frame);
      case "reply":
        return this.#entered(frame);
      case "bye":
        this.#askedWait = frame.reconnect ? frame.after_ms : null;
    }
  }

  #greet(hello) {
    this.#attempts = 0;
    this.#heartbeat = hello.heartbeat * 1000;
    this.#beat();
    // A new epoch numbers anew: what this tab has seen says nothing about it. So does a database put back in time.
    const follows = this.#position?.epoch === hello.epoch && this.#position.seq <= hello.seq;
    if (!follows) this.#remember(hello.epoch, hello.seq);
    if (this.#wasLost) this.#readAt = hello.at;
    [...this.#rooms].forEach((room, place) => setTimeout(() => this.#ask(room), Math.max(0, place - AT_ONCE) * APART));
    tell("live:open", { again: this.#wasLost });
    tell("live:unread", { unread: hello.unread });
    this.#wasLost = false;
  }

  /** Between reading the page and entering the room something happened there. */
  #entered({ data }) {
    if (!data?.missed) return;
    this.#readAt = data.at;
    tell("live:open", { again: true });
  }

  #happened(frame) {
    if (frame.seq > this.#position.seq) {
      this.#remember(this.#position.epoch, frame.seq);
      tell("live:event", frame);
    } else if (frame.seq === undefined) {
      tell("live:event", frame);
    }
    if (frame.unread !== undefined) tell("live:unread", frame);
  }

  /** Too much was missed to be replayed: read it from the API. */
  async #fill(gap) {
    const missed = [];
    for (let address = gap.fetch; address; ) {
      const answer = await fetch(address, { headers: { Accept: "application/json" } });
      if (!answer.ok) return;
      const page = await answer.json();
      missed.push(...page.results);
      address = page.next;
    }
    for (const data of missed.sort((one, other) => one.seq - other.seq)) {
      this.#happened({ type: "event", kind: "notification.created", seq: data.seq, at: data.created_at, data });
    }
    this.#remember(this.#position.epoch, Math.max(gap.seq, this.#position.seq));
  }

  #remember(epoch, seq) {
    this.#position = { epoch, seq };
    sessionStorage.setItem(this.#key, JSON.stringify(this.#position));
  }
}

function tell(name, detail) {
  document.dispatchEvent(new CustomEvent(name, { detail }));
}

export const live = new Live();
