// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
// The engine for pages, workers, AudioWorklets and Node: no host object is touched but in load().
// percepnet.d.ts is the manual.

export const SAMPLE_RATE = 48000;
export const HOP_SIZE = 480;
const BANDS = 34;
const ROOM = 4800; // samples of a channel that go into the module at once

/** Compile the module: that beside this file, or another's address, bytes or Response. */
export async function load(source = new URL("percepnet.wasm", import.meta.url)) {
  if (source instanceof WebAssembly.Module) return source;
  if (source instanceof ArrayBuffer || ArrayBuffer.isView(source))
    return WebAssembly.compile(source);
  if (typeof source === "string" && source.startsWith("file:")) source = new URL(source);
  if (source instanceof URL && source.protocol === "file:") {
    const { readFile } = await import("node:fs/promises");
    return WebAssembly.compile(await readFile(source));
  }
  const response = await (source instanceof Response ? source : fetch(source));
  if (!response.ok) throw new Error(`percepnet: ${response.url}: ${response.status}`);
  return WebAssembly.compile(await response.arrayBuffer());
}

/** One instance of the module, with memory of its own. */
class Instance {
  constructor(module) {
    // What the C library wants of a system: it has none here, and says "not implemented".
    const system = new Proxy({}, { get: () => () => 52 });
    const imports = {};
    for (const { module: name } of WebAssembly.Module.imports(module))
      imports[name] = system;
    this.calls = new WebAssembly.Instance(module, imports).exports;
    this.calls._initialize?.();
  }

  // There is no TextDecoder in an AudioWorklet.
  text(address) {
    const bytes = new Uint8Array(this.calls.memory.buffer);
    let text = "";
    for (; bytes[address]; address++) text += "%" + bytes[address].toString(16).padStart(2, "0");
    return decodeURIComponent(text);
  }

  floats(address, count) {
    return new Float32Array(this.calls.memory.buffer, address, count);
  }

  controls() {
    return JSON.parse(this.text(this.calls.web_controls()));
  }

  /** action(address) with data lying there. */
  lend(data, action) {
    const address = this.calls.malloc(Math.max(data.byteLength, 1));
    if (!address) throw new Error("percepnet: out of memory");
    const bytes = new Uint8Array(data.buffer ?? data, data.byteOffset ?? 0, data.byteLength);
    new Uint8Array(this.calls.memory.buffer).set(bytes, address);
    try {
      return action(address);
    } finally {
      this.calls.free(address);
    }
  }
}

/** The controls that the engine has, as it describes them. */
export function controls(module) {
  return new Instance(module).controls();
}

/** The engine's version. */
export function version(module) {
  const instance = new Instance(module);
  return instance.text(instance.calls.web_version());
}

/** Centres of the bands in Hz. */
export function bandCentres(module) {
  const { calls } = new Instance(module);
  return Float32Array.from({ length: BANDS }, (_, band) => calls.web_band_hz(band));
}

function controlOf(table, name) {
  const control = table.find((entry) => entry.name === name);
  if (!control) throw new RangeError(`percepnet: there is no control "${name}"`);
  return control;
}

/** The control of that name, if it may be set while a stream runs. */
export function liveControl(table, name) {
  const control = controlOf(table, name);
  if (!control.live) throw new RangeError(`percepnet: ${name} is set when a stream is made`);
  return control;
}

/** What a control is set to: a number, or the name of a choice. */
export function number(control, value) {
  const chosen = control.choices?.findIndex((choice) => choice.name === value) ?? -1;
  const result = chosen >= 0 ? chosen : Number(value);
  if (value === "" || Number.isNaN(result))
    throw new RangeError(`percepnet: "${value}" is no value of ${control.name}`);
  return result;
}

function checkLengths(planes, channels, frames) {
  for (let c = 0; c < channels; c++)
    if (planes[c]?.length !== frames)
      throw new RangeError(`percepnet: channel ${c} has ${planes[c]?.length ?? "no"} samples, ` +
        `needs ${frames} as the others`);
}

export class Stream {
  #instance;
  #stream;

  constructor(module, { channels = 1, blockSize = 0, controls = {}, model } = {}) {
    if (model != null && !(model.byteLength > 0))
      throw new TypeError("percepnet: model is the bytes of a model file: an ArrayBuffer or a " +
        "Uint8Array that is not empty");
    this.#instance = new Instance(module);
    this.table = this.#instance.controls();
    this.channels = channels;
    const values = Float32Array.from(this.table, (control) => control.default);
    for (const [name, value] of Object.entries(controls)) {
      const control = controlOf(this.table, name);
      values[control.id] = number(control, value);
    }
    const { calls } = this.#instance;
    const bytes = model ?? new Uint8Array();
    this.#stream = this.#instance.lend(values, (at) => this.#instance.lend(bytes, (modelAt) =>
      calls.web_create(channels, blockSize, ROOM, at, modelAt, bytes.byteLength)));
    if (!this.#stream)
      throw new Error(`percepnet: ${this.#instance.text(calls.web_error())}`);
    this.latency = calls.web_latency(this.#stream);
  }

  #check(status) {
    if (status < 0)
      throw new Error("percepnet: " +
        this.#instance.text(this.#instance.calls.web_status_text(status)));
  }

  #block(channel, count) {
    return this.#instance.floats(this.#instance.calls.web_block(this.#stream, channel), count);
  }

  process(input, output = input) {
    const frames = input[0].length;
    checkLengths(input, this.channels, frames);
    checkLengths(output, this.channels, frames);
    for (let done = 0; done < frames; done += ROOM) {
      const count = Math.min(frames - done, ROOM);
      for (let c = 0; c < this.channels; c++)
        this.#block(c, count).set(input[c].subarray(done, done + count));
      this.#check(this.#instance.calls.web_process(this.#stream, count));
      for (let c = 0; c < this.channels; c++)
        output[c].set(this.#block(c, count), done);
    }
    return output;
  }

  flush() {
    const tail = Array.from({ length: this.channels }, () => new Float32Array(this.latency));
    let done = 0;
    for (let count; (count = this.#instance.calls.web_flush(this.#stream, ROOM)) > 0; done += count)
      tail.forEach((channel, c) => channel.set(this.#block(c, count), done));
    return tail;
  }

  reset() {
    this.#instance.calls.web_reset(this.#stream);
  }

  set(name, value) {
    const control = liveControl(this.table, name);
    this.#check(this.#instance.calls.web_set_control(this.#stream, control.id,
      number(control, value)));
  }

  get(name) {
    const control = controlOf(this.table, name);
    const value = this.#instance.calls.web_get_control(this.#stream, control.id);
    return control.choices ? control.choices[value].name : value;
  }

  readout(channel = 0) {
    const at = this.#instance.calls.web_readout(this.#stream, channel);
    if (!at) throw new RangeError(`percepnet: there is no channel ${channel}`);
    const values = this.#instance.floats(at, 5 + 2 * BANDS).slice();
    const [voiceProbability, snr, gain, pitch, pitchCorrelation] = values;
    return { voiceProbability, snr, gain, pitch, pitchCorrelation,
      gains: values.slice(5, 5 + BANDS), strengths: values.slice(5 + BANDS) };
  }

  destroy() {
    if (this.#stream) this.#instance.calls.web_destroy(this.#stream);
    this.#stream = 0;
  }
}

/** A whole recording at 48 kHz: as many samples out as in, without lag. */
export async function enhance(module, input, { onProgress, ...options } = {}) {
  const frames = input[0]?.length;
  checkLengths(input, input.length, frames);
  const stream = new Stream(module, { ...options, channels: input.length });
  const raw = input.map((channel) => new Float32Array(channel.length + stream.latency));
  try {
    const second = SAMPLE_RATE;
    for (let done = 0; done < frames; done += second) {
      const end = Math.min(done + second, frames);
      stream.process(input.map((channel) => channel.subarray(done, end)),
        raw.map((channel) => channel.subarray(done, end)));
      onProgress?.(end / frames);
      await new Promise((resolve) => setTimeout(resolve)); // a page stays alive meanwhile
    }
    stream.flush().forEach((tail, c) => raw[c].set(tail, frames));
  } finally {
    stream.destroy();
  }
  return raw.map((channel) => channel.subarray(stream.latency));
}
