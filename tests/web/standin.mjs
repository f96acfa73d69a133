// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
// node standin.mjs FOLDER CASE: the scripts of web/ in FOLDER with stand-ins for the browser and
// the module, which only note what is done. Prints an object.
import { pathToFileURL } from "node:url";

const [folder, name] = process.argv.slice(2);
const use = (file) => import(pathToFileURL(`${folder}/${file}`));
const pause = () => new Promise((resolve) => setTimeout(resolve, 50));

const parts = new Map();
const part = (id) => {
  if (!parts.has(id))
    parts.set(id, { id, dataset: {}, files: [], classList: { toggle() {} }, append() {},
      setAttribute() {}, getContext: () => ({ clearRect() {}, drawImage() {}, putImageData() {},
        createImageData: () => ({ data: { set() {} } }) }), width: 2, height: 2 });
  return parts.get(id);
};

class Node {
  gain = {};
  frequencyBinCount = 4;
  constructor(context) { this.context = context; }
  connect(to) { return to; }
  disconnect() {}
  start() {}
  getFloatFrequencyData() {}
}

const EMPTY = Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0); // a module with nothing in it
const contexts = [];
class AudioContext {
  sampleRate = 48000;
  audioWorklet = { addModule: async () => {} };
  constructor() { contexts.push(this); }
  async decodeAudioData() {
    return { duration: 1, numberOfChannels: 1, getChannelData: () => new Float32Array(1) };
  }
  createMediaStreamSource() {
    if (name === "microphone") throw new Error("another sample rate");
    return new Node(this);
  }
  async resume() {}
  async close() { this.closed = true; }
}

const tracks = [{ stop() { this.stopped = true; } }];
Object.assign(globalThis, { AudioContext, AnalyserNode: Node, GainNode: Node,
  AudioBufferSourceNode: Node, requestAnimationFrame() {},
  fetch: async () => ({ arrayBuffer: pause }),
  document: { getElementById: part, body: part("body"), createElement: part } });
Object.defineProperty(globalThis, "navigator", { value: name === "http" ? {} : { mediaDevices: {
  getUserMedia: async () => ({ getTracks: () => tracks }) } } });

// The node's other end.
const table = [{ id: 0, name: "mix", live: true }, { id: 1, name: "channel-mode", live: false,
  choices: [{ name: "linked" }, { name: "independent" }] }];
const sent = [];
globalThis.AudioWorkletNode = class extends Node {
  constructor(context) {
    super(context);
    this.port = { postMessage: (message) => sent.push(message) };
    setTimeout(() => this.port.onmessage({ data: { type: "ready", latency: 1888, table } }));
  }
  addEventListener() {}
};

const message = (action) => {
  try {
    action();
    return "";
  } catch (error) {
    return error.message;
  }
};

async function node() {
  const { PercepnetNode } = await use("audio-node.js");
  const made = await PercepnetNode.create(new AudioContext(), { module: EMPTY });
  made.set("mix", 0.5);
  const wrong = [["mixx", 1], ["mix", "much"], ["channel-mode", "linked"]];
  return { errors: wrong.map((pair) => message(() => made.set(...pair))), sent };
}

// Both ends of a node, and an engine that puts out ones; closed: the other end is gone.
async function recordings() {
  const ends = new MessageChannel();
  let Processor, processor;
  Object.assign(globalThis, { sampleRate: 48000,
    registerProcessor: (_, Class) => { Processor = Class; },
    AudioWorkletProcessor: class { port = ends.port2; },
    AudioWorkletNode: class extends EventTarget {
      port = ends.port1;
      channelCount = 1;
      constructor(context, _, options) {
        super();
        this.context = context;
        processor = new Processor(options);
      }
      disconnect() {}
    } });
  await use("worklet.js");
  const { PercepnetNode } = await use("audio-node.js");
  const context = Object.assign(new EventTarget(), { sampleRate: 48000, state: "running",
    audioWorklet: { addModule() {} } });
  const made = await PercepnetNode.create(context, { module: EMPTY });
  const run = async (times) => {
    await pause();
    await new Promise(setImmediate); // what the node has said is heard, on a busy machine, too
    for (let i = 0; i < times; i++) processor.process([[]], [[new Float32Array(128)]]);
  };
  const length = (recording) => Promise.race([
    new Promise((resolve) => setTimeout(resolve, 5000, "never comes")),
    recording.then(([channel]) => channel.length, (error) => error.message)]);
  const lengths = {};
  lengths.none = await length(Promise.resolve().then(() => made.stopRecording()));
  made.startRecording();
  await run(2);
  const first = made.stopRecording();
  made.startRecording();
  lengths.first = await length(first);
  await run(3);
  const [once, twice] = [made.stopRecording(), made.stopRecording()];
  lengths.once = await length(once);
  lengths.twice = await length(twice);
  made.startRecording();
  await run(4);
  made.close();
  lengths.closed = await length(made.stopRecording());
  made.startRecording();
  await run(0);
  ends.port2.onmessage = null;
  const waits = made.stopRecording();
  context.state = "closed";
  context.dispatchEvent(new Event("statechange"));
  lengths.waits = await length(waits);
  made.startRecording();
  lengths.gone = await length(made.stopRecording());
  return lengths;
}

async function models() {
  const empty = new WebAssembly.Module(EMPTY);
  const text = new TextEncoder().encode("[]\0");
  const memory = { buffer: text.buffer };
  WebAssembly.Instance = function () {
    return { exports: { memory, web_controls: () => 0, malloc: () => 1, free() {},
      web_create: () => 1, web_latency: () => 1440 } };
  };
  const { Stream } = await use("percepnet.js");
  return { errors: [undefined, "my.safetensors", new ArrayBuffer(0), {}].map((model) =>
    message(() => new Stream(empty, { model }))) };
}

// A stream that only takes what comes, and a module in a file.
async function misuse() {
  WebAssembly.Instance = function () {
    const memory = new WebAssembly.Memory({ initial: 1 });
    new Uint8Array(memory.buffer).set(new TextEncoder().encode("[]"));
    return { exports: { memory, web_controls: () => 0, malloc: () => 64, free() {},
      web_create: () => 1, web_destroy() {}, web_latency: () => 0, web_block: () => 64,
      web_process: () => 0, web_flush: () => 0 } };
  };
  const { Stream, enhance, load } = await use("percepnet.js");
  const module = new WebAssembly.Module(EMPTY);
  const stream = new Stream(module, { channels: 2 });
  const [four, five] = [new Float32Array(4), new Float32Array(5)];
  const errors = [[[four, four]], [[four, five]], [[five, four]], [[four]],
    [[four, four], [four, five]], [[four, four], [five, five]], [[five, five], [four, four]]].map(
    (blocks) => message(() => stream.process(...blocks)));
  for (const planes of [[four, five], [five, four]])
    errors.push(await enhance(module, planes).then(() => "", (error) => error.message));
  const loaded = await load(pathToFileURL(`${folder}/empty.wasm`).href).catch((error) => error);
  return { errors, loaded: loaded instanceof WebAssembly.Module };
}

async function page() {
  await use("page.js").catch((error) => {
    if (name !== "load") throw error;
  });
  const click = (id) => part(id).onclick?.();
  if (name === "twice") {
    click("sample");
    click("sample");
    const plays = () => contexts.length === 2 && part("status").textContent.startsWith("sample");
    for (let i = 0; i < 200 && !plays(); i++) await pause();
  }
  if (name === "microphone" || name === "http") await click("microphone");
  await pause();
  await pause();
  return { status: part("status").textContent, stopped: tracks[0].stopped,
    open: contexts.filter((context) => !context.closed).length };
}

console.log(JSON.stringify(await ({ node, models, recordings, misuse }[name] ?? page)()));
process.exit();
